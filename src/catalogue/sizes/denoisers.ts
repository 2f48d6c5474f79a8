// Sizes of the denoisers: diffusion transformers of DiT's widths and depths, with a GLU in place of its MLP.

import type { ModelSize } from "./model-size.ts";

const generation = { task: "image-generation" } as const;
const latents = {
  ...generation,
  patch: [2, 2],
  input: { kind: "denoiser", imageShape: [32, 32, 4], classes: 1000 },
} as const;

/** @source Peebles and Xie, arXiv 2212.09748, table 1: S, B, L and XL with patches of 2×2 latents */
export const denoiserSizes: readonly ModelSize[] = [
  {
    ...generation,
    id: "DiT-nano",
    title: "denoiser for smoke runs",
    width: 48,
    depth: 2,
    heads: 2,
    patch: [4, 4],
    input: { kind: "denoiser", imageShape: [24, 24, 1], classes: 8 },
    gluWidth: 128,
  },
  {
    ...generation,
    id: "DiT-mini",
    title: "denoiser for small runs on a CPU",
    width: 64,
    depth: 4,
    heads: 2,
    patch: [4, 4],
    input: { kind: "denoiser", imageShape: [28, 28, 1], classes: 10 },
    gluWidth: 172,
  },
  {
    ...generation,
    id: "DiT-midi",
    title: "denoiser for small runs on a GPU",
    width: 256,
    depth: 6,
    heads: 4,
    patch: [2, 2],
    input: { kind: "denoiser", imageShape: [32, 32, 3], classes: 10 },
    gluWidth: 684,
  },
  {
    ...latents,
    id: "DiT-S",
    title: "denoiser, DiT-S/2 width and depth",
    width: 384,
    depth: 12,
    heads: 6,
    gluWidth: 1024,
  },
  {
    ...latents,
    id: "DiT-B",
    title: "denoiser, DiT-B/2 width and depth",
    width: 768,
    depth: 12,
    heads: 12,
    gluWidth: 2048,
  },
  {
    ...latents,
    id: "DiT-L",
    title: "denoiser, DiT-L/2 width and depth",
    width: 1024,
    depth: 24,
    heads: 16,
    gluWidth: 2732,
  },
  {
    ...latents,
    id: "DiT-XL",
    title: "denoiser, DiT-XL/2 width and depth",
    width: 1152,
    depth: 28,
    heads: 16,
    gluWidth: 3072,
  },
];
