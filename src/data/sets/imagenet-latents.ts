import { latentFolderDataset } from "./latent-folder.ts";

/** ImageNet-1k at 256×256 as latents of Stable Diffusion's autoencoder: what DiT is trained on. */
export const imagenetLatents = latentFolderDataset({
  id: "imagenet-latents",
  title: "ImageNet-1k latents",
  provenance:
    "encoded by the user: ImageNet-1k, centre crop to 256×256, autoencoder ft-EMA of Stable Diffusion (stabilityai/sd-vae-ft-ema), times 0.18215; mirrored images as latents of their own",
  licence: "non-commercial research use, as ImageNet",
  classes: Array.from({ length: 1000 }, (_, label) => `class ${label}`),
  byHand:
    "nobody publishes them; encode ImageNet-1k (centre crop 256×256, and its mirror image) with stabilityai/sd-vae-ft-ema and multiply by 0.18215",
  stored: [4, 32, 32],
  counts: { train: 1_281_167, val: 50_000 },
});
