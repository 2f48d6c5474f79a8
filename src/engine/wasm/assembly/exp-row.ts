// Exponentials of whole rows, sixteen floats at a time: V8 builds every constant of a vector expression anew from
// immediates (three instructions each, also in loops), and four expressions in one block share them. A lone exp4
// costs 24 cycles, in a group of four about 10.

import { loadUpTo, storeUpTo } from "./lanes";
import { exp4, expMinusOne4 } from "./simd";

/** to[i] = e^{from[i] − less[i]} */
export function expRow(from: usize, less: usize, to: usize, size: i32): void {
  let i = 0;
  for (; i + 16 <= size; i += 16) {
    const at = <usize>i << 2;
    const x0 = f32x4.sub(v128.load(from + at), v128.load(less + at));
    const x1 = f32x4.sub(v128.load(from + at, 16), v128.load(less + at, 16));
    const x2 = f32x4.sub(v128.load(from + at, 32), v128.load(less + at, 32));
    const x3 = f32x4.sub(v128.load(from + at, 48), v128.load(less + at, 48));
    v128.store(to + at, exp4(x0));
    v128.store(to + at, exp4(x1), 16);
    v128.store(to + at, exp4(x2), 32);
    v128.store(to + at, exp4(x3), 48);
  }
  for (; i < size; i += 4) {
    const at = <usize>i << 2;
    storeUpTo(to + at, exp4(f32x4.sub(loadUpTo(from + at, size - i), loadUpTo(less + at, size - i))), size - i);
  }
}

/** x[i] ← e^{x[i] − less}, `size` a multiple of 16; returns their sums in four lanes. */
export function expInPlace(x: usize, less: f32, size: i32): v128 {
  const reference = f32x4.splat(less);
  let sum = f32x4.splat(0);
  for (const end = x + (<usize>size << 2); x < end; x += 64) {
    const y0 = exp4(f32x4.sub(v128.load(x), reference));
    const y1 = exp4(f32x4.sub(v128.load(x, 16), reference));
    const y2 = exp4(f32x4.sub(v128.load(x, 32), reference));
    const y3 = exp4(f32x4.sub(v128.load(x, 48), reference));
    v128.store(x, y0);
    v128.store(x, y1, 16);
    v128.store(x, y2, 32);
    v128.store(x, y3, 48);
    sum = f32x4.add(sum, f32x4.add(f32x4.add(y0, y1), f32x4.add(y2, y3)));
  }
  return sum;
}

/** to[i] = e^{from[i]}, or e^{from[i]} − 1 */
// @ts-ignore: decorator
@inline
function exponentials(from: usize, to: usize, size: i32, minusOne: bool): void {
  let i = 0;
  for (; i + 16 <= size; i += 16) {
    const at = <usize>i << 2;
    const x0 = v128.load(from + at), x1 = v128.load(from + at, 16), x2 = v128.load(from + at, 32), x3 = v128.load(from + at, 48);
    v128.store(to + at, minusOne ? expMinusOne4(x0) : exp4(x0));
    v128.store(to + at, minusOne ? expMinusOne4(x1) : exp4(x1), 16);
    v128.store(to + at, minusOne ? expMinusOne4(x2) : exp4(x2), 32);
    v128.store(to + at, minusOne ? expMinusOne4(x3) : exp4(x3), 48);
  }
  for (; i < size; i += 4) {
    const x = loadUpTo(from + (<usize>i << 2), size - i);
    storeUpTo(to + (<usize>i << 2), minusOne ? expMinusOne4(x) : exp4(x), size - i);
  }
}

/** to[i] = e^{from[i]} */
export function expArray(from: usize, to: usize, size: i32): void {
  exponentials(from, to, size, false);
}

/** to[i] = e^{from[i]} − 1 */
export function expMinusOneArray(from: usize, to: usize, size: i32): void {
  exponentials(from, to, size, true);
}
