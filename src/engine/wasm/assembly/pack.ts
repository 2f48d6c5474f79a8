// Copies of parts of A and B in the order in which the micro-kernel reads them.

import { COLUMNS, ROWS } from "./tile";

/**
 * A panel of B, [depth, 8] floats in sequence, from rows of B (element (p, j) at b + p·bRow + 4j).
 * Columns beyond `columns` are zero.
 */
export function packColumns(b: usize, bRow: usize, depth: i32, columns: i32, to: usize): void {
  if (columns === COLUMNS) {
    for (; depth > 0; --depth) {
      v128.store(to, v128.load(b));
      v128.store(to, v128.load(b, 16), 16);
      to += 32;
      b += bRow;
    }
    return;
  }
  for (; depth > 0; --depth) {
    for (let j = 0; j < COLUMNS; j++) {
      f32.store(to + <usize>(j << 2), j < columns ? f32.load(b + <usize>(j << 2)) : <f32>0);
    }
    to += 32;
    b += bRow;
  }
}

/** Writes the transpose of a 4×4 block; rows of the result are 32 bytes apart. */
// @ts-ignore: decorator
@inline
function transpose4(r0: v128, r1: v128, r2: v128, r3: v128, to: usize): void {
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const t1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const t2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(t0, t2, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(t0, t2, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(t1, t3, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(t1, t3, 2, 3, 6, 7), 96);
}

/** As packColumns, from a transposed B (element (p, j) at b + j·bRow + 4p). */
export function packColumnsTransposed(b: usize, bRow: usize, depth: i32, columns: i32, to: usize): void {
  let p = 0;
  if (columns === COLUMNS) {
    for (; p + 4 <= depth; p += 4) {
      const from = b + <usize>(p << 2);
      const far = from + 4 * bRow;
      transpose4(v128.load(from), v128.load(from + bRow), v128.load(from + 2 * bRow), v128.load(from + 3 * bRow), to);
      transpose4(v128.load(far), v128.load(far + bRow), v128.load(far + 2 * bRow), v128.load(far + 3 * bRow), to + 16);
      to += 128;
    }
  }
  for (; p < depth; p++) {
    for (let j = 0; j < COLUMNS; j++) {
      const value = j < columns ? f32.load(b + <usize>j * bRow + <usize>(p << 2)) : <f32>0;
      f32.store(to + <usize>(j << 2), value);
    }
    to += 32;
  }
}

/**
 * Panels of A, each [depth, 5] floats in sequence, from a transposed A (element (i, p) at a + p·aDepth + 4i).
 * Rows beyond `rows` are left as they are: the micro-kernel does not read them.
 */
export function packRowsTransposed(a: usize, aDepth: usize, depth: i32, rows: i32, to: usize): void {
  const panelBytes = <usize>(depth * ROWS) << 2;
  for (let p = 0; p < depth; p++) {
    let from = a;
    let at = to + <usize>(p * ROWS) * 4;
    let left = rows;
    for (; left >= ROWS; left -= ROWS) {
      v128.store(at, v128.load(from));
      f32.store(at, f32.load(from, 16), 16);
      from += 20;
      at += panelBytes;
    }
    for (let i = 0; i < left; i++) f32.store(at + <usize>(i << 2), f32.load(from + <usize>(i << 2)));
    a += aDepth;
  }
}
