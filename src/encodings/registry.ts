// The list of positional encodings.

import { Registry } from "#base/registry";
import { COSINE, frequencyCount, HALF_COSINE, ROTATING, startFrequencies, type AngleForm } from "./angle-forms.ts";
import type { EncodingDeclaration } from "./encoding.ts";
import { anglesPerAxis } from "./place.ts";

const always = () => undefined;

export const encodings = new Registry<EncodingDeclaration>("encoding", [
  {
    id: "none",
    title: "no positions",
    kind: "none",
    widening: 1,
    impossible: always,
    load: async () => (await import("./relative.ts")).none,
  },
  {
    id: "lrpe",
    title: "linearized relative encoding, cosine form, tokens in one line",
    ...byAngles(COSINE, () => [1]),
    load: async () => (await import("./relative.ts")).lrpe,
  },
  {
    id: "md-lrpe",
    title: "linearized relative encoding, cosine form, each axis a slice of the channels",
    ...byAngles(COSINE),
    load: async () => (await import("./relative.ts")).mdLrpe,
  },
  {
    id: "md-lrpe-half",
    title: "linearized relative encoding, cosine form on half of the channels, each axis a slice of these",
    ...byAngles(HALF_COSINE),
    load: async () => (await import("./relative.ts")).mdLrpeHalf,
  },
  {
    id: "md-lrpe-rotating",
    title: "linearized relative encoding, rotating form, each axis a slice of the pairs",
    ...byAngles(ROTATING),
    load: async () => (await import("./relative.ts")).rotating,
  },
  {
    id: "rope",
    title: "rotary encoding of halves, axial on grids",
    ...byAngles(ROTATING),
    load: async () => (await import("./relative.ts")).rotating,
  },
  {
    id: "sinusoidal",
    title: "sines and cosines added to the embedding",
    kind: "absolute",
    widening: 1,
    impossible: always,
    load: async () => (await import("./absolute.ts")).sinusoidal,
  },
  {
    id: "learned",
    title: "trained table added to the embedding",
    kind: "absolute",
    widening: 1,
    impossible: always,
    load: async () => (await import("./absolute.ts")).learned,
  },
]);

/** @param axes the axes that the encoding sees of a grid */
function byAngles(form: AngleForm, axes = (grid: readonly number[]) => grid) {
  const angles = (D: number, grid: readonly number[]) => frequencyCount(form, D, axes(grid));
  return {
    kind: "relative",
    widening: form.widening,
    angles,
    frequencies: (heads: number, D: number, grid: readonly number[]) => startFrequencies(form, heads, angles(D, grid)),
    impossible: (D: number, grid: readonly number[]) =>
      Number.isInteger(form.width(D))
        ? everyAxisOwnsSome(form.width(D), axes(grid))
        : `heads have an even width, got ${D}`,
  } as const;
}

function everyAxisOwnsSome(width: number, grid: readonly number[]): string | undefined {
  const owned = anglesPerAxis(width, grid.length) * (grid.length - 1) < width;
  return owned ? undefined : `${width} angles are too few for ${grid.length} axes`;
}
