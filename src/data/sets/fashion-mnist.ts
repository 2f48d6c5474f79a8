import { idxDataset } from "./idx-images.ts";

/** Fashion-MNIST: articles of clothing, 28×28, 60 000 train and 10 000 test. */
export const fashionMnist = idxDataset({
  id: "fashion-mnist",
  title: "Fashion-MNIST",
  provenance:
    "H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST, arXiv 1708.07747 (github.com/zalandoresearch/fashion-mnist)",
  licence: "MIT",
  classes: ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
  edge: 28,
  counts: { train: 60_000, test: 10_000 },
  bases: [
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
  ],
  files: [
    {
      stem: "train",
      kind: "images",
      // The sha256 of its content is not known; the download is held to that of the .gz.
      gzip: { bytes: 26_421_880, sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84" },
    },
    {
      stem: "train",
      kind: "labels",
      gzip: { bytes: 29_515, sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845" },
      sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    },
    {
      stem: "t10k",
      kind: "images",
      gzip: { bytes: 4_422_102, sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073" },
      sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    },
    {
      stem: "t10k",
      kind: "labels",
      gzip: { bytes: 5_148, sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5" },
      sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
  ],
});
