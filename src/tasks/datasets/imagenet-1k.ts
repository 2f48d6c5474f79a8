import { DataError } from "#base/errors";
import type { ImageDataset } from "./dataset.ts";

const REASON = "folders of JPEG files are not read yet; its cases are declared at scale paper";

/** ImageNet-1k at 224×224, declared so that the paper's configuration can be listed and counted. */
export const imagenet1k: ImageDataset = {
  id: "imagenet-1k",
  title: "ImageNet-1k",
  kind: "images",
  synthetic: false,
  provenance: "O. Russakovsky et al.: ImageNet Large Scale Visual Recognition Challenge, arXiv 1409.0575 (image-net.org)",
  licence: "non-commercial research use",
  imageShape: [224, 224, 3],
  classes: Array.from({ length: 1000 }, (_, label) => `class ${label}`),
  files: [],
  find: () => ({ available: false, label: "ImageNet-1k", reason: REASON }),
  load: (dataDir) => {
    throw new DataError(dataDir ?? ".", `ImageNet-1k cannot be loaded: ${REASON}`);
  },
};
