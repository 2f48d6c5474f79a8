import type { ImageDataset } from "./dataset.ts";
import { imageFolderDataset, type ImageFolderDeclaration } from "./image-folder.ts";

const CLASSES = {
  n01440764: "tench",
  n02102040: "English springer",
  n02979186: "cassette player",
  n03000684: "chain saw",
  n03028079: "church",
  n03394916: "French horn",
  n03417042: "garbage truck",
  n03425413: "gas pump",
  n03445777: "golf ball",
  n03888257: "parachute",
};

const declaration: ImageFolderDeclaration = {
  id: "imagenette",
  title: "Imagenette",
  provenance: "J. Howard, fast.ai: Imagenette, ten classes of ImageNet (github.com/fastai/imagenette, version 2)",
  licence: "images for non-commercial research (ImageNet); selection Apache-2.0",
  classes: Object.values(CLASSES),
  classFolders: Object.keys(CLASSES),
  // Editions of one selection; a plain folder of this name is taken for any of them.
  folders: ["imagenette2-320", "imagenette2", "imagenette2-160", "imagenette2-224px-subset", "imagenette"],
  downloads: [
    {
      file: {
        urls: ["https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-320.tgz"],
        bytes: 341_553_947,
        sha256: "5020a9130cea0348272823cb12d2db7e981c6f2afa3dce71ccd5b8013005c55e",
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
  cropping: { shorterSide: 224, edge: 224 },
  counts: { train: 9469, val: 3925 },
};

/** Imagenette at 224×224: photographs of ten classes, 9469 train and 3925 validation images. */
export const imagenette = imageFolderDataset(declaration);

/** The same at 64×64, for short training runs. */
export const imagenette64: ImageDataset = {
  ...imageFolderDataset({
    ...declaration,
    id: "imagenette-64",
    title: "Imagenette at 64×64",
    cropping: { shorterSide: 64, edge: 64 },
  }),
  source: imagenette.source!,
};
