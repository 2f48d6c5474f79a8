import { imageFolderDataset } from "./image-folder.ts";

/** ImageNet-1k at 224×224: shorter side 256, centre crop, as DeiT and HGRN evaluate. */
export const imagenet1k = imageFolderDataset({
  id: "imagenet-1k",
  title: "ImageNet-1k",
  provenance:
    "O. Russakovsky et al.: ImageNet Large Scale Visual Recognition Challenge, arXiv 1409.0575 (image-net.org)",
  licence: "non-commercial research use",
  classes: Array.from({ length: 1000 }, (_, label) => `class ${label}`),
  folders: ["imagenet-1k"],
  downloads: [],
  byHand: "image-net.org gives the images to registered users; unpack ILSVRC 2012 into imagenet-1k/",
  cropping: { shorterSide: 256, edge: 224 },
  counts: { train: 1_281_167, val: 50_000 },
});
