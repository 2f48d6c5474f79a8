// Layouts of the state of a recurrence, and rows of tokens in a padded form.
//
// Forward passes keep s as [D, E padded to 16]: 64×64 floats are 16 KB and stay in L1 while tokens pass by. Backward
// passes keep it transposed, [E, D padded to 16]: what they sum runs over e, so the sums stay in lanes.

import { copyRow, loadUpTo, storeUpTo } from "./lanes";

// @ts-ignore: decorator
@inline
export function paddedE(E: i32): i32 {
  return (E + 15) & ~15;
}

// @ts-ignore: decorator
@inline
export function paddedD(D: i32): i32 {
  return (D + 15) & ~15;
}

/** `size` floats at `from` as a row of `padded` floats, zeros at the end: in place where there is nothing to pad. */
// @ts-ignore: decorator
@inline
export function row(from: usize, size: i32, padded: i32, spare: usize): usize {
  return size === padded ? from : padRow(from, size, padded, spare);
}

function padRow(from: usize, size: i32, padded: i32, spare: usize): usize {
  for (let i = 0; i < padded; i += 4) storeUpTo(spare + (<usize>i << 2), loadUpTo(from + (<usize>i << 2), size - i), 4);
  return spare;
}

/** Copies the first `size` floats of a padded row out. */
// @ts-ignore: decorator
@inline
export function unpad(from: usize, to: usize, size: i32): void {
  if (from !== to) copyRow(from, to, size);
}

/** [D, E] → [D, padded E] */
export function padState(from: usize, to: usize, D: i32, E: i32): void {
  const width = paddedE(E);
  for (let d = 0; d < D; d++) padRow(from + (<usize>(d * E) << 2), E, width, to + (<usize>(d * width) << 2));
}

/** [D, padded E] → [D, E] */
export function unpadState(from: usize, to: usize, D: i32, E: i32): void {
  const width = paddedE(E);
  for (let d = 0; d < D; d++) memory.copy(to + (<usize>(d * E) << 2), from + (<usize>(d * width) << 2), <usize>E << 2);
}

/** [D, E] → [E, padded D], padding zero */
export function transposeState(from: usize, to: usize, D: i32, E: i32): void {
  const width = paddedD(D);
  memory.fill(to, 0, <usize>(E * width) << 2);
  for (let d = 0; d < D; d++) {
    for (let e = 0; e < E; e++) f32.store(to + (<usize>(e * width + d) << 2), f32.load(from + (<usize>(d * E + e) << 2)));
  }
}

/** [E, padded D] → [D, E] */
export function transposeStateBack(from: usize, to: usize, D: i32, E: i32): void {
  const width = paddedD(D);
  for (let d = 0; d < D; d++) {
    for (let e = 0; e < E; e++) f32.store(to + (<usize>(d * E + e) << 2), f32.load(from + (<usize>(e * width + d) << 2)));
  }
}

/** The place of step t: t itself, or what the order of visit says. */
// @ts-ignore: decorator
@inline
export function tokenAt(order: usize, t: i32): i32 {
  return order ? load<i32>(order + (<usize>t << 2)) : t;
}
