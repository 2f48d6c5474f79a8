// The list of positional encodings.

import { Registry } from "#base/registry";
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
    kind: "relative",
    widening: 2,
    impossible: always,
    load: async () => (await import("./relative.ts")).lrpe,
  },
  {
    id: "md-lrpe",
    title: "linearized relative encoding, cosine form, each axis a slice of the channels",
    kind: "relative",
    widening: 2,
    impossible: (D, grid) => everyAxisOwnsSome(D, grid),
    load: async () => (await import("./relative.ts")).mdLrpe,
  },
  {
    id: "rope",
    title: "rotary encoding of halves, axial on grids",
    kind: "relative",
    widening: 1,
    impossible: (D, grid) =>
      D % 2 === 0 ? everyAxisOwnsSome(D / 2, grid) : `rotary heads have an even width, got ${D}`,
    load: async () => (await import("./relative.ts")).rope,
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

function everyAxisOwnsSome(width: number, grid: readonly number[]): string | undefined {
  const owned = anglesPerAxis(width, grid.length) * (grid.length - 1) < width;
  return owned ? undefined : `${width} angles are too few for ${grid.length} axes`;
}
