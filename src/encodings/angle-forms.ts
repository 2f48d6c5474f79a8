// The ways of writing angles into a head, as far as they need no tensor library.

import { anglesPerAxis, standardFrequencies } from "./place.ts";

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
