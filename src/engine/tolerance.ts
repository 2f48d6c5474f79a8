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

/** Analytic gradients against central differences of step `DIFFERENCE_STEP`, both in float64. */
export const DIFFERENCES: Tolerance = { output: 0, gradient: 1e-6 };
export const DIFFERENCE_STEP = 1e-5;

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

/** Largest finite |x|; 0 for an empty array. */
export function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i]!);
    if (magnitude > largest && magnitude < Infinity) largest = magnitude;
  }
  return largest;
}
