// Layouts of the state of a recurrence, and rows of tokens in a padded form.
//
// Forward passes keep s as [D, E padded to 16]: 64×64 floats are 16 KB and stay in L1 while tokens pass by. Backward
// passes keep it transposed, [E, D padded to 16]: what they sum runs over e, so the sums stay in lanes.

import { addRow, copyRow, loadUpTo, storeUpTo } from "./lanes";

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
  const whole = size & ~15;
  copyRow(from, spare, whole);
  for (let i = whole; i < padded; i += 4) storeUpTo(spare + (<usize>i << 2), loadUpTo(from + (<usize>i << 2), size - i), 4);
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

/** Orders of visit: as tokens are stored, from the last to the first, or else the address of N int32. */
export const REVERSED: usize = 1;

// @ts-ignore: decorator
@inline
function tokenAt(order: usize, i: i32, N: i32): i32 {
  return order > REVERSED ? load<i32>(order + (<usize>i << 2)) : order === REVERSED ? N - 1 - i : i;
}

/** Address of the row of step i in a tensor [N, size] of one head. */
// @ts-ignore: decorator
@inline
export function rowOf(base: usize, order: usize, i: i32, N: i32, size: i32): usize {
  return base + (<usize>(tokenAt(order, i, N) * size) << 2);
}

/**
 * The rows of steps `first` … `first + count` − 1, the next one rowStride further: where they lie, or copied to `spare` where they
 * are visited out of order or have padding. A copy has all its reads under way at once; of a column of a grid, rows one by
 * one would each be waited for, and pushed out of the first cache by their neighbours before they are used.
 */
export function rowsOf(base: usize, order: usize, first: i32, count: i32, N: i32, size: i32, padded: i32, spare: usize): usize {
  if (order <= REVERSED && size === padded) return rowOf(base, order, first, N, size);
  for (let i = 0; i < count; i++) padRow(rowOf(base, order, first + i, N, size), size, padded, spare + (<usize>(i * padded) << 2));
  return spare;
}

/** Bytes from a row of rowsOf to the next. */
// @ts-ignore: decorator
@inline
export function rowStride(order: usize, size: i32, padded: i32): usize {
  const bytes = <usize>padded << 2;
  return order === REVERSED && size === padded ? 0 - bytes : bytes;
}

/** Writes rows of `padded` floats to where the steps' rows are, or adds them to what is there; together, as rowsOf reads them. */
export function putRows(from: usize, padded: i32, to: usize, order: usize, first: i32, count: i32, N: i32, size: i32, add: bool): void {
  for (let i = 0; i < count; i++, from += <usize>padded << 2) {
    const place = rowOf(to, order, first + i, N, size);
    if (add) addRow(from, place, size);
    else copyRow(from, place, size);
  }
}
