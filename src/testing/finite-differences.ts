// Central differences: the judge of analytic gradients.

import { DIFFERENCE_STEP } from "#engine/tolerance";

/** Gradient of a scalar function of one array, by (f(x + h) − f(x − h)) / 2h in every element. */
export function finiteDifferences(f: (x: Float64Array) => number, x: Float64Array): Float64Array {
  return x.map((_, i) => {
    const moved = (by: number) => f(x.map((value, j) => (j === i ? value + by : value)));
    return (moved(DIFFERENCE_STEP) - moved(-DIFFERENCE_STEP)) / (2 * DIFFERENCE_STEP);
  });
}

/** Σ a·b */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
