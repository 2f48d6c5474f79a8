// Samples: what may enter a statistic, and sorted samples as a type of their own, so that an
// unsorted array cannot reach a function that reads ranks.

import { HarnessError } from "#base/errors";

declare const sortedBrand: unique symbol;

/** Finite numbers in ascending order, at least one. Made by `sortSamples` only. */
export type SortedSamples = Float64Array & { readonly [sortedBrand]: true };

/** A sample that no statistic may be taken of: empty, or with a value that is no finite number. */
export class SampleError extends HarnessError {
  override readonly name = "SampleError";

  constructor(where: string, message: string, facts: Readonly<Record<string, unknown>> = {}) {
    super("E_SAMPLE", `${where}: ${message}`, { where, ...facts });
  }
}

/**
 * Copies samples into a typed array after checking them.
 *
 * @throws {SampleError} no samples, or one that is NaN or infinite (its index is in the message)
 */
export function checkSamples(where: string, samples: ArrayLike<number>): Float64Array {
  if (samples.length === 0) throw new SampleError(where, "at least one sample is needed, got none.");
  const values = Float64Array.from(samples);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new SampleError(where, `samples must be finite numbers, got ${values[bad]} at index ${bad}.`, { index: bad });
  }
  return values;
}

/** Like `checkSamples`, for quantities that only make sense above zero: times, sizes, ratios. */
export function checkPositive(where: string, samples: ArrayLike<number>): Float64Array {
  const values = checkSamples(where, samples);
  const bad = values.findIndex((value) => value <= 0);
  if (bad >= 0) {
    throw new SampleError(where, `samples must be above zero, got ${values[bad]} at index ${bad}.`, { index: bad });
  }
  return values;
}

/** The same values in ascending order; the argument stays as it is. @throws {SampleError} empty or not finite */
export function sortSamples(samples: ArrayLike<number>): SortedSamples {
  return checkSamples("sortSamples", samples).sort() as SortedSamples;
}
