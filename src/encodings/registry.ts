// The list of positional encodings.

import { Registry } from "#base/registry";
import { ANGLE_FORMS, anglesPerAxis, axesSeen } from "#weights/angle-forms";
import type { EncodingDeclaration, EncodingId } from "./encoding.ts";

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
    title: "linearized relative encoding, cosine form, tokens in one line",
    ...byAngles("lrpe"),
    load: async () => (await import("./relative.ts")).lrpe,
  },
  {
    title: "linearized relative encoding, cosine form, each axis a slice of the channels",
    ...byAngles("md-lrpe"),
    load: async () => (await import("./relative.ts")).mdLrpe,
  },
  {
    title: "linearized relative encoding, cosine form on half of the channels, each axis a slice of these",
    ...byAngles("md-lrpe-half"),
    load: async () => (await import("./relative.ts")).mdLrpeHalf,
  },
  {
    title: "linearized relative encoding, rotating form, each axis a slice of the pairs",
    ...byAngles("md-lrpe-rotating"),
    load: async () => (await import("./relative.ts")).rotating,
  },
  {
    title: "rotary encoding of halves, axial on grids",
    ...byAngles("rope"),
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

function byAngles(id: EncodingId) {
  const form = ANGLE_FORMS[id]!;
  return {
    id,
    kind: "relative",
    widening: form.widening,
    impossible: (D: number, grid: readonly number[]) =>
      Number.isInteger(form.width(D))
        ? everyAxisOwnsSome(form.width(D), axesSeen(id, grid))
        : `heads have an even width, got ${D}`,
  } as const;
}

function everyAxisOwnsSome(width: number, grid: readonly number[]): string | undefined {
  const owned = anglesPerAxis(width, grid.length) * (grid.length - 1) < width;
  return owned ? undefined : `${width} angles are too few for ${grid.length} axes`;
}
