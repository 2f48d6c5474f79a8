// C = op(A) op(B) of one matrix, float32, row-major, any size.
//
// Loops, outermost first: blocks of 256 along K and of 512 columns of B, packed once into panels of 8 (at most
// 512 KB: half of a usual L2); rows of A in fives, which stay in L1 while all panels of B pass by. A is read in
// place unless it is transposed with long rows, where elements that follow each other along K lie on
// different pages: then 80 rows at a time are packed.

import { COLUMNS, ROWS, addTile, narrowTile, tile } from "./tile";
import { packColumns, packColumnsTransposed, packRowsTransposed } from "./pack";

const DEPTH_BLOCK: i32 = 256;
const COLUMN_BLOCK: i32 = 512;
const ROW_BLOCK: i32 = 80;
/** depth of a block of B that is read in place: all its 64 columns, 32 KB, pass through L1 for each five rows of A */
const DIRECT_DEPTH_BLOCK: i32 = 128;
/** rows of B up to this length are read in place: 256 of them fill 64 KB */
const DIRECT_LENGTH: i32 = 64;

const PACKED_B_BYTES: usize = <usize>(DEPTH_BLOCK * COLUMN_BLOCK) << 2;
const PACKED_A_BYTES: usize = <usize>(DEPTH_BLOCK * ROW_BLOCK) << 2;
const SPARE_BYTES: usize = 256;
/** within the spare bytes: 32 zeros */
const ZEROS_OFFSET: usize = 160;

/** Bytes of scratch that `gemm` needs. */
export function gemmScratchBytes(): usize {
  return PACKED_B_BYTES + PACKED_A_BYTES + SPARE_BYTES;
}

/** C[rows, columns] (+)= A B for a block whose B is in panels `panelBytes` apart, with rows `bDepth` apart. */
function multiplyPanels(
  a: usize, aRow: usize, aDepth: usize, b: usize, panelBytes: usize, bDepth: usize, depth: i32,
  c: usize, cRow: usize, rows: i32, columns: i32, accumulate: bool, spare: usize,
): void {
  const zeros = spare + ZEROS_OFFSET;
  let j = 0;
  for (; j + COLUMNS <= columns; j += COLUMNS) {
    if (accumulate) addTile(a, aRow, aDepth, b, bDepth, depth, c, cRow, rows, spare, zeros);
    else tile(a, aRow, aDepth, b, bDepth, depth, c, cRow, rows, zeros, 0);
    b += panelBytes;
    c += 32;
  }
  if (j < columns) narrowTile(a, aRow, aDepth, b, bDepth, depth, c, cRow, rows, accumulate, columns - j, spare, zeros);
}

/**
 * C = op(A) op(B), or C += op(A) op(B).
 *
 * @param a,b,c addresses of A (M×K, or K×M if aTransposed), B (K×N, or N×K if bTransposed), C (M×N)
 * @param aLine,bLine,cLine floats from one row to the next, as stored
 * @param scratch gemmScratchBytes() bytes, 16-aligned
 */
export function gemm(
  a: usize, aLine: i32, aTransposed: bool, b: usize, bLine: i32, bTransposed: bool, c: usize, cLine: i32,
  M: i32, N: i32, K: i32, accumulate: bool, scratch: usize,
): void {
  const packedB = scratch;
  const packedA = scratch + PACKED_B_BYTES;
  const spare = packedA + PACKED_A_BYTES;
  memory.fill(spare + ZEROS_OFFSET, 0, 32);
  const aRow: usize = aTransposed ? 4 : <usize>aLine << 2;
  const aDepth: usize = aTransposed ? <usize>aLine << 2 : 4;
  const bRowBytes = <usize>bLine << 2;
  const cRow = <usize>cLine << 2;
  const directB = !bTransposed && N % COLUMNS === 0 && (bLine <= DIRECT_LENGTH || M <= ROWS);
  const packA = aTransposed && aLine > DIRECT_LENGTH && N > COLUMNS;

  const depthBlock = directB ? DIRECT_DEPTH_BLOCK : DEPTH_BLOCK;
  for (let p = 0; p < K; p += depthBlock) {
    const depth = min(depthBlock, K - p);
    const add = accumulate || p > 0;
    for (let j = 0; j < N; j += COLUMN_BLOCK) {
      const columns = min(COLUMN_BLOCK, N - j);
      let panels = packedB;
      let panelBytes = <usize>depth << 5;
      let bDepth: usize = 32;
      if (directB) {
        panels = b + <usize>p * bRowBytes + (<usize>j << 2);
        panelBytes = 32;
        bDepth = bRowBytes;
      } else {
        for (let jj = 0; jj < columns; jj += COLUMNS) {
          const to = packedB + <usize>(jj / COLUMNS) * panelBytes;
          const width = min(COLUMNS, columns - jj);
          if (bTransposed) packColumnsTransposed(b + <usize>(j + jj) * bRowBytes + (<usize>p << 2), bRowBytes, depth, width, to);
          else packColumns(b + <usize>p * bRowBytes + (<usize>(j + jj) << 2), bRowBytes, depth, width, to);
        }
      }
      for (let i = 0; i < M; i += ROW_BLOCK) {
        const blockRows = min(ROW_BLOCK, M - i);
        const aBlock = a + <usize>i * aRow + <usize>p * aDepth;
        if (packA) packRowsTransposed(aBlock, aDepth, depth, blockRows, packedA);
        for (let ii = 0; ii < blockRows; ii += ROWS) {
          const from = packA ? packedA + <usize>(ii * depth) * 4 : aBlock + <usize>ii * aRow;
          const to = c + <usize>(i + ii) * cRow + (<usize>j << 2);
          multiplyPanels(
            from, packA ? 4 : aRow, packA ? 20 : aDepth, panels, panelBytes, bDepth, depth,
            to, cRow, min(ROWS, blockRows - ii), columns, add, spare,
          );
        }
      }
    }
  }
  if (K === 0 && !accumulate) for (let i = 0; i < M; i++) memory.fill(c + <usize>i * cRow, 0, <usize>N << 2);
}

/** Packs Bᵀ, stored [columns, depth] with rows `line` floats apart, into the panels that gemmPacked reads. */
export function packTransposed(b: usize, line: i32, depth: i32, columns: i32, to: usize): void {
  const lineBytes = <usize>line << 2;
  for (let j = 0; j < columns; j += COLUMNS) {
    packColumnsTransposed(b + <usize>j * lineBytes, lineBytes, depth, min(COLUMNS, columns - j), to + (<usize>(j * depth) << 2));
  }
}

/** C = A B for one block whose B was packed before; depth and columns small enough for L1. Scratch as for gemm. */
export function gemmPacked(a: usize, aLine: i32, panels: usize, depth: i32, c: usize, cLine: i32, rows: i32, columns: i32, scratch: usize): void {
  const spare = scratch + PACKED_B_BYTES + PACKED_A_BYTES;
  memory.fill(spare + ZEROS_OFFSET, 0, 32);
  const aRow = <usize>aLine << 2;
  const cRow = <usize>cLine << 2;
  for (let i = 0; i < rows; i += ROWS) {
    const from = a + <usize>i * aRow;
    multiplyPanels(from, aRow, 4, panels, <usize>depth << 5, 32, depth, c + <usize>i * cRow, cRow, min(ROWS, rows - i), columns, false, spare);
  }
}
