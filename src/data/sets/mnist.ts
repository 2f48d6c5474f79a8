import { idxDataset } from "./idx-images.ts";

/** MNIST: handwritten digits, 28×28, 60 000 train and 10 000 test. */
export const mnist = idxDataset({
  id: "mnist",
  title: "MNIST",
  provenance:
    "Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits (yann.lecun.com/exdb/mnist)",
  licence: "CC BY-SA 3.0 (as commonly given)",
  classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  imageShape: [28, 28],
  counts: { train: 60_000, test: 10_000 },
  files: [
    { name: "train-images-idx3-ubyte", sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db" },
    { name: "train-labels-idx1-ubyte", sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5" },
    { name: "t10k-images-idx3-ubyte", sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7" },
    { name: "t10k-labels-idx1-ubyte", sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2" },
  ],
});
