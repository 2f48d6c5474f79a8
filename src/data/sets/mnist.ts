import { idxDataset } from "./idx-images.ts";

/** MNIST: handwritten digits, 28×28, 60 000 train and 10 000 test. */
export const mnist = idxDataset({
  id: "mnist",
  title: "MNIST",
  provenance:
    "Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits (yann.lecun.com/exdb/mnist)",
  licence: "CC BY-SA 3.0 (as commonly given)",
  classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  edge: 28,
  counts: { train: 60_000, test: 10_000 },
  bases: ["https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"],
  // Those of the .gz are in the catalogue of TensorFlow Datasets too (tensorflow_datasets/url_checksums).
  files: [
    {
      stem: "train",
      kind: "images",
      gzip: { bytes: 9_912_422, sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609" },
      sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    },
    {
      stem: "train",
      kind: "labels",
      gzip: { bytes: 28_881, sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c" },
      sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    },
    {
      stem: "t10k",
      kind: "images",
      gzip: { bytes: 1_648_877, sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6" },
      sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    },
    {
      stem: "t10k",
      kind: "labels",
      gzip: { bytes: 4_542, sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6" },
      sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
  ],
});
