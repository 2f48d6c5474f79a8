import { idxDataset } from "./idx-images.ts";

/** Fashion-MNIST: articles of clothing, 28×28, 60 000 train and 10 000 test. */
export const fashionMnist = idxDataset({
  id: "fashion-mnist",
  title: "Fashion-MNIST",
  provenance:
    "H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST, arXiv 1708.07747 (github.com/zalandoresearch/fashion-mnist)",
  licence: "MIT",
  classes: ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
  imageShape: [28, 28],
  counts: { train: 60_000, test: 10_000 },
  files: [
    // No sha256 of the uncompressed train images was at hand when this was written, so that file goes unchecked.
    { name: "train-images-idx3-ubyte" },
    { name: "train-labels-idx1-ubyte", sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9" },
    { name: "t10k-images-idx3-ubyte", sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b" },
    { name: "t10k-labels-idx1-ubyte", sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34" },
  ],
});
