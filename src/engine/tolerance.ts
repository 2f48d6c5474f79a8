// The only place that holds tolerances: how far a float32 result may be from the float64 reference.

import type { DeviceDescription } from "./engine.ts";

export interface Tolerance {
  /** largest relative error of outputs and states */
  readonly output: number;
  /** largest relative error of gradients */
  readonly gradient: number;
}

export type Precision = "float16" | "float32" | "float64";

/** A tensor this much smaller than its siblings is zero by cancellation: it is measured on their scale. */
const CANCELLED = 1e-6;

/** Float32 on a CPU; GPUs compute exponentials and divisions with fast, less exact instructions. */
const FLOAT32: Readonly<Record<DeviceDescription["kind"], Tolerance>> = {
  cpu: { output: 1e-5, gradient: 1e-4 },
  gpu: { output: 5e-5, gradient: 5e-4 },
};

/** Float64 references against values that were stored as float32: half a unit in the last place, twice. */
const FLOAT64: Tolerance = { output: 2.5e-7, gradient: 2.5e-7 };

/**
 * Outputs and gradients stored as float16, from inputs that are the stored ones: the last bit, which an engine may cut off, and for
 * gradients on top of it what they may be off in float32.
 */
const FLOAT16: Tolerance = { output: 1e-3, gradient: 1.5e-3 };

/** A whole layer in float32: norms and projections after each other add up what an operator may be off by, and norms of small rows raise it. */
const LAYERS = 10;

/** Tolerances for a layer of many operations. */
export function layerToleranceOf(kind: DeviceDescription["kind"]): Tolerance {
  const { output, gradient } = FLOAT32[kind];
  return { output: LAYERS * output, gradient: LAYERS * gradient };
}

/** Analytic gradients against central differences of step `DIFFERENCE_STEP`, both in float64. */
export const DIFFERENCES: Tolerance = { output: 0, gradient: 1e-6 };
export const DIFFERENCE_STEP = 1e-5;
/** Of layers, whose feature maps have a kink that a long step would cross. */
export const LAYER_DIFFERENCE_STEP = 1e-7;

/** Tolerances for a precision on a kind of device. */
export function toleranceOf(precision: Precision, kind: DeviceDescription["kind"]): Tolerance {
  return precision === "float64" ? FLOAT64 : precision === "float16" ? FLOAT16 : FLOAT32[kind];
}

/**
 * Largest relative error of a tensor: max|a − b| / max|b|, b the expected values. Infinities must agree exactly and
 * do not count. Where b is zero all over, or zero by cancellation beside `scale`, `scale` stands in for max|b|.
 *
 * @param scale largest magnitude among sibling tensors (all gradients of one call); default none
 * @returns 0 … ∞; NaN or a wrong length give ∞
 */
export function largestRelativeError(actual: ArrayLike<number>, expected: ArrayLike<number>, scale = 0): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    if (actual[i] === expected[i]) continue;
    const distance = Math.abs(actual[i]! - expected[i]!);
    if (!Number.isFinite(distance)) return Infinity;
    difference = Math.max(difference, distance);
  }
  if (difference === 0) return 0;
  const magnitude = largestMagnitude(expected);
  return difference / (magnitude <= CANCELLED * scale ? scale : magnitude);
}

/** How many roundings of its terms a row may be off by, however small it is. */
const ROUNDINGS = 96;
/** Of sums of up to so many terms. */
const ROUNDED_TERMS = 4096;

/**
 * What the allowance for rounding grows by over N tokens. A running float32 sum rounds every term like the sum itself; where terms
 * cancel, that is √(N/2) roundings of terms by the end, in every implementation that carries one state along.
 */
export function roundingGrowth(N: number): number {
  return Math.max(1, Math.sqrt(N / ROUNDED_TERMS));
}

/** Step between the smallest numbers of float16. */
const HALF_STEP = 2 ** -24;

/** What rows are measured by. */
export interface RowScale {
  readonly tolerance: number;
  /** largest change of each row when everything that is summed is rounded to float32 once */
  readonly rounding: ArrayLike<number>;
  /** largest magnitude among sibling tensors: beside it a tensor may be zero by cancellation; default none */
  readonly scale?: number;
  readonly precision: Precision;
}

export interface WorstRow {
  /** 0 … ∞ */
  readonly error: number;
  readonly row: number;
}

/**
 * The row with the largest max|a − b| / max|b|, both over that row of `width` numbers. The denominator has a floor: a row that is
 * small because large terms cancel may be off by the rounding of these. NaN, a wrong infinity or a wrong length give ∞.
 */
export function worstRow(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  width: number,
  { tolerance, rounding, scale = 0, precision }: RowScale,
): WorstRow {
  if (actual.length !== expected.length) return { error: Infinity, row: 0 };
  const largest = largestMagnitude(expected);
  const stored = precision === "float16" ? HALF_STEP / tolerance : 0;
  const least = Math.max(largest <= CANCELLED * scale ? scale : CANCELLED * largest, stored);
  let worst: WorstRow = { error: 0, row: 0 };
  for (let row = 0; row * width < expected.length; row++) {
    let [difference, magnitude] = [0, 0];
    for (let at = row * width; at < (row + 1) * width; at++) {
      const size = Math.abs(expected[at]!);
      if (size > magnitude && size < Infinity) magnitude = size;
      if (actual[at] === expected[at]) continue;
      const distance = Math.abs(actual[at]! - expected[at]!);
      if (!Number.isFinite(distance)) return { error: Infinity, row };
      difference = Math.max(difference, distance);
    }
    if (difference === 0) continue;
    const error = difference / Math.max(magnitude, least, (ROUNDINGS * (rounding[row] ?? 0)) / tolerance);
    if (error > worst.error) worst = { error, row };
  }
  return worst;
}

/** Half a unit in the last place of float32, relative: what a term of a sum is rounded by. */
export const FLOAT32_ROUNDING = 2 ** -24;

/** Largest finite |x|; 0 for an empty array. */
export function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i]!);
    if (magnitude > largest && magnitude < Infinity) largest = magnitude;
  }
  return largest;
}
