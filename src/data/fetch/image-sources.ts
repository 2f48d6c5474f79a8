// Sources of the image data sets. Checksums of the stored files are those of the catalogue of TensorFlow Datasets
// (tensorflow_datasets/url_checksums); the MNIST and Fashion-MNIST ones were also computed from files in hand.

import { imagenetLatents as imagenetLatentFiles } from "../sets/imagenet-latents.ts";
import type { DataSource, Download, KnownFile } from "./source.ts";

/** MNIST's and Fashion-MNIST's four files: name, bytes and sha256 of the .gz, sha256 of the content. */
type IdxFile = readonly [name: string, bytes: number, stored: string, content?: string];

function idxSource(id: string, bases: readonly [string, ...string[]], files: readonly IdxFile[]): DataSource {
  return {
    id,
    folder: id,
    downloads: files.map(([name, bytes, stored]): Download => {
      const urls = bases.map((base) => `${base}${name}.gz`) as [string, ...string[]];
      return { file: { urls, bytes, checksum: { algorithm: "sha256", hex: stored } }, gives: [`${name}.gz`] };
    }),
    files: files.map(([name, , , content]): KnownFile => {
      const [split, rest] = [name.slice(0, name.indexOf("-")), name.slice(name.indexOf("-") + 1)];
      return {
        name,
        alias: name.replace("-idx", ".idx"),
        format: "idx",
        subset: new RegExp(`^${split}-(.+)-${rest.replace(/-idx/, "[-.]idx")}$`),
        ...(content === undefined ? {} : { sha256: content }),
      };
    }),
  };
}

const mnistFiles = idxSource(
  "mnist",
  ["https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"],
  [
    [
      "train-images-idx3-ubyte",
      9_912_422,
      "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
      "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ],
    [
      "train-labels-idx1-ubyte",
      28_881,
      "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
      "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ],
    [
      "t10k-images-idx3-ubyte",
      1_648_877,
      "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
      "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ],
    [
      "t10k-labels-idx1-ubyte",
      4_542,
      "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
      "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ],
  ],
);

/** Three more data sets are generated from its digits. */
const mnist: DataSource = {
  ...mnistFiles,
  datasets: ["mnist", "cluttered-mnist", "moving-digits-class", "moving-digits-direction"],
};

const fashionMnist = idxSource(
  "fashion-mnist",
  [
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
  ],
  [
    // No sha256 of the uncompressed train images was at hand; the download is checked by that of the .gz.
    ["train-images-idx3-ubyte", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"],
    [
      "train-labels-idx1-ubyte",
      29_515,
      "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
      "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    ],
    [
      "t10k-images-idx3-ubyte",
      4_422_102,
      "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
      "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ],
    [
      "t10k-labels-idx1-ubyte",
      5_148,
      "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
      "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ],
  ],
);

// Of the two CIFAR sets checksums are published for the archives, not for the files in them.
const cifar10: DataSource = {
  id: "cifar-10",
  folder: "cifar-10",
  otherFolders: ["cifar-10-batches-bin"],
  downloads: [
    {
      file: {
        urls: ["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"],
        bytes: 170_052_171,
        checksum: { algorithm: "sha256", hex: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd" },
      },
      unpacking: {
        format: "tar.gz",
        mostBytes: 200e6,
        prefix: "cifar-10-batches-bin/",
        keep: /^(data_batch_[1-5]|test_batch)\.bin$|^batches\.meta\.txt$/,
      },
      gives: [
        "data_batch_1.bin",
        "data_batch_2.bin",
        "data_batch_3.bin",
        "data_batch_4.bin",
        "data_batch_5.bin",
        "test_batch.bin",
      ],
    },
  ],
  files: [
    ...[1, 2, 3, 4, 5].map((batch): KnownFile => ({
      name: `data_batch_${batch}.bin`,
      format: "cifar-10",
      subset: new RegExp(`^data_batch_${batch}\\.(.+?)\\.bin$`),
    })),
    { name: "test_batch.bin", format: "cifar-10", subset: /^test_batch\.(.+?)\.bin$/ },
    { name: "batches.meta.txt", format: "text" },
  ],
};

const cifar100: DataSource = {
  id: "cifar-100",
  folder: "cifar-100",
  otherFolders: ["cifar-100-binary"],
  downloads: [
    {
      file: {
        urls: ["https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"],
        bytes: 168_513_733,
        checksum: { algorithm: "sha256", hex: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec" },
      },
      unpacking: {
        format: "tar.gz",
        mostBytes: 200e6,
        prefix: "cifar-100-binary/",
        keep: /^(train|test)\.bin$|^(fine|coarse)_label_names\.txt$/,
      },
      gives: ["train.bin", "test.bin", "fine_label_names.txt"],
    },
  ],
  files: [
    { name: "train.bin", format: "cifar-100", subset: /^train\.(.+?)\.bin$/ },
    { name: "test.bin", format: "cifar-100", subset: /^test\.(.+?)\.bin$/ },
    { name: "fine_label_names.txt", format: "text" },
    { name: "coarse_label_names.txt", format: "text" },
  ],
};

const imagenette: DataSource = {
  id: "imagenette",
  datasets: ["imagenette", "imagenette-64"],
  folder: "imagenette2-320",
  downloads: [
    {
      file: {
        urls: ["https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-320.tgz"],
        bytes: 341_553_947,
        checksum: { algorithm: "sha256", hex: "5020a9130cea0348272823cb12d2db7e981c6f2afa3dce71ccd5b8013005c55e" },
      },
      unpacking: {
        format: "tar.gz",
        mostBytes: 500e6,
        prefix: "imagenette2-320/",
        keep: /^(train|val)\/n\d{8}\/[^/]+\.JPEG$/,
      },
      gives: ["train", "val"],
    },
  ],
  files: [],
  images: {
    folders: ["imagenette2-320", "imagenette2-160", "imagenette2", "imagenette2-224px-subset", "imagenette"],
    counts: { train: 9469, val: 3925 },
  },
};

const imagenet: DataSource = {
  id: "imagenet-1k",
  folder: "imagenet-1k",
  downloads: [],
  byHand:
    "image-net.org gives the images to registered users; unpack ILSVRC 2012 as imagenet-1k/train/<class>/*.JPEG and imagenet-1k/val/<class>/*.JPEG",
  files: [],
  images: { folders: ["imagenet-1k"], counts: { train: 1_281_167, val: 50_000 } },
};

const imagenetLatents: DataSource = {
  id: "imagenet-latents",
  folder: "imagenet-latents",
  downloads: [],
  byHand:
    "nobody publishes them; encode ImageNet-1k (centre crop 256×256, and its mirror image) with stabilityai/sd-vae-ft-ema, multiply by 0.18215, and write imagenet-latents/train/*.safetensors and imagenet-latents/val/*.safetensors, each with `latents` F32 [n, 4, 32, 32] and `labels` I64 [n]",
  files: [],
  latents: { dataset: imagenetLatentFiles, counts: { train: 1_281_167, val: 50_000 } },
};

export const IMAGE_SOURCES: readonly DataSource[] = [
  mnist,
  fashionMnist,
  cifar10,
  cifar100,
  imagenette,
  imagenet,
  imagenetLatents,
];
