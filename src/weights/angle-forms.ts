// The ways of writing angles into a head, and which encoding has which, as far as they need no tensor library.

import type { MixerSpec } from "#case/case";

export interface AngleForm {
  readonly widening: 1 | 1.5 | 2;
  /** angles of a head of width D, on all axes together */
  width(D: number): number;
  /** channels that an angle turns: the frequencies of w angles are 10000^(−2i/(w · channels)) */
  readonly channels: 1 | 2;
}

/** [x∘cos ; x∘sin] */
export const COSINE: AngleForm = { widening: 2, width: (D) => D, channels: 1 };
/** Pairs of channels rotated. */
export const ROTATING: AngleForm = { widening: 1, width: (D) => D / 2, channels: 2 };
/** The first half of the channels as COSINE, the second without position: [x₁∘cos ; x₁∘sin ; x₂] */
export const HALF_COSINE: AngleForm = { widening: 1.5, width: (D) => D / 2, channels: 1 };

/** Frequencies of a head: one series shared by the axes, or one falling on from axis to axis. */
export function frequencyCount(form: AngleForm, D: number, grid: readonly number[], perAxis = false): number {
  return perAxis ? form.width(D) : anglesPerAxis(form.width(D), grid.length);
}

/** Where they start, the same in every head: [heads · count]. */
export function startFrequencies(form: AngleForm, heads: number, count: number): Float64Array {
  return standardFrequencies(heads, count, { D: form.channels * count });
}

/** Angles an axis owns: ⌈width/m⌉, the last axis perhaps fewer. */
export function anglesPerAxis(width: number, dimensions: number): number {
  return Math.ceil(width / dimensions);
}

/** θ_i = base^(−2i/D) for `count` frequencies of a head, the same in every head: [heads · count]. */
export function standardFrequencies(heads: number, count: number, { D = count, base = 10_000 } = {}): Float64Array {
  return Float64Array.from({ length: heads * count }, (_, at) => base ** ((-2 * (at % count)) / D));
}

type EncodingId = MixerSpec["encoding"];

/** Encodings by angle. Those that are not here change no width and have no frequencies. */
export const ANGLE_FORMS: Readonly<Partial<Record<EncodingId, AngleForm>>> = {
  lrpe: COSINE,
  "md-lrpe": COSINE,
  "md-lrpe-half": HALF_COSINE,
  "md-lrpe-rotating": ROTATING,
  rope: ROTATING,
};

/** The axes that an encoding sees of a grid: lrpe takes all tokens as one line. */
export function axesSeen(encoding: EncodingId, grid: readonly number[]): readonly number[] {
  return encoding === "lrpe" ? [grid.reduce((product, axis) => product * axis, 1)] : grid;
}

/** Width of an encoded head over its width before. */
export function wideningOf(encoding: EncodingId): AngleForm["widening"] {
  return ANGLE_FORMS[encoding]?.widening ?? 1;
}
