// The micro-kernel under every product: a tile of C, 5 rows by 8 columns, held in registers.
//
// Why 5×8. V8 leaves about 14 of the 16 vector registers of x64: 10 accumulators, 2 for a row of B and 1 for the
// spread element of A fit; a 6×8 tile spills in the plain SIMD build (28 against 53 GFLOP/s), 4×8 has too few
// independent sums to hide the latency of the multiply-add (44–50). A is read element by element through its
// strides, so neither it nor its transpose needs packing for the kernel's sake.
//
// Why no branch around the stores, and `for` instead of `do`: in both other forms V8's scheduler moves all loads of
// an iteration before the first multiply-add, runs out of registers, and the kernel drops to 24 GFLOP/s. So
// rows that do not exist are clamped to the last one: the same tile row is computed and stored twice.

import { madd, spread } from "./simd";

export const ROWS: i32 = 5;
export const COLUMNS: i32 = 8;

/**
 * C[rows, 8] = A[rows, k] B[k, 8].
 *
 * @param a address of A; element (i, p) lies at a + i·aRow + p·aDepth (bytes)
 * @param b address of B; row p lies at b + p·bDepth, 8 floats in sequence
 * @param c address of C; row i lies at c + i·cRow
 * @param rows 1 to 5
 * @param start where the sums begin: 32 bytes of zeros with startRow = 0 for a product; to add to C see `addTile`
 */
export function tile(
  a: usize, aRow: usize, aDepth: usize, b: usize, bDepth: usize, k: i32, c: usize, cRow: usize, rows: i32, start: usize, startRow: usize,
): void {
  let a0 = a;
  let a1 = rows > 1 ? a0 + aRow : a0;
  let a2 = rows > 2 ? a1 + aRow : a1;
  let a3 = rows > 3 ? a2 + aRow : a2;
  let a4 = rows > 4 ? a3 + aRow : a3;
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  start = rows > 1 ? start + startRow : start;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start = rows > 2 ? start + startRow : start;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  start = rows > 3 ? start + startRow : start;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  start = rows > 4 ? start + startRow : start;
  let c40 = v128.load(start), c41 = v128.load(start, 16);
  for (; k > 0; --k) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = spread(a0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = spread(a1);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = spread(a2);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = spread(a3);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    x = spread(a4);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    a0 += aDepth;
    a1 += aDepth;
    a2 += aDepth;
    a3 += aDepth;
    a4 += aDepth;
    b += bDepth;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c = rows > 1 ? c + cRow : c;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c = rows > 2 ? c + cRow : c;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c = rows > 3 ? c + cRow : c;
  v128.store(c, c30);
  v128.store(c, c31, 16);
  c = rows > 4 ? c + cRow : c;
  v128.store(c, c40);
  v128.store(c, c41, 16);
}

/**
 * As `tile`, for `columns` < 8: computed into `spare` (160 bytes), and the columns that exist copied to C.
 *
 * @param zeros 32 bytes of zeros
 */
export function narrowTile(
  a: usize, aRow: usize, aDepth: usize, b: usize, bDepth: usize, k: i32, c: usize, cRow: usize, rows: i32, accumulate: bool,
  columns: i32, spare: usize, zeros: usize,
): void {
  tile(a, aRow, aDepth, b, bDepth, k, spare, 32, rows, zeros, 0);
  for (let i = 0; i < rows; i++) {
    const from = spare + <usize>(i << 5);
    const to = c + <usize>i * cRow;
    for (let j = 0; j < columns; j++) {
      const at = <usize>(j << 2);
      f32.store(to + at, f32.load(from + at) + (accumulate ? f32.load(to + at) : <f32>0));
    }
  }
}

/**
 * C[rows, 8] += A[rows, k] B[k, 8], by way of `spare` (160 bytes). The k terms are summed by themselves first: added one by one to
 * C, each would be rounded like the whole, and over many blocks of a long sequence these errors add up.
 *
 * @param zeros 32 bytes of zeros
 */
export function addTile(
  a: usize, aRow: usize, aDepth: usize, b: usize, bDepth: usize, k: i32, c: usize, cRow: usize, rows: i32, spare: usize, zeros: usize,
): void {
  tile(a, aRow, aDepth, b, bDepth, k, spare, 32, rows, zeros, 0);
  for (let i = 0; i < rows; i++) {
    v128.store(c, f32x4.add(v128.load(c), v128.load(spare)));
    v128.store(c, f32x4.add(v128.load(c, 16), v128.load(spare, 16)), 16);
    c += cRow;
    spare += 32;
  }
}
