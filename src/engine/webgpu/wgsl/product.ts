// A batched matrix product C(m,n) = Σ_k A(m,k) B(k,n) whose operands are expressions (p = e^{g − z}, a transposed
// matrix) and whose results pass through an expression on their way to memory.
//
// 256 threads make a tile of 64 or 128 rows and columns; each keeps 4×4 to 8×8 sums in registers and reads slices of 16 from
// workgroup memory, 16 to 64 multiply-adds for every 2 to 4 reads of four floats. Each operand is read once for
// every tile of the other: from the second tile on out of the L2 cache, as tiles of one row follow each other.

import { unroll, XYZW } from "./text.ts";

export const SLICE = 16;
const THREADS = 256;

export interface ProductSizes {
  /** most rows and columns of C: decides the tile; the true sizes are params M, N, K */
  readonly rows: number;
  readonly columns: number;
}

export interface ProductCode extends ProductSizes {
  /**
   * WGSL functions
   * `loadA(g: i32, m: i32, k: i32) -> vec4<f32>`: A at rows m … m+3 and column k, and
   * `loadB(g: i32, k: i32, n: i32) -> vec4<f32>`: B at row k and columns n … n+3 — both 0 outside of the matrix;
   * `store(g: i32, part: i32, m: i32, n: i32, c: vec4<f32>)`: takes C at columns n … n+3, m < M.
   */
  readonly functions: string;
  /** whether neighbours of A along k are neighbours in memory (else along m) */
  readonly alongK: boolean;
}

export function tileOf(size: number): 64 | 128 {
  return size <= 64 ? 64 : 128;
}

/** Workgroups of a product; `parts` divide k among workgroups, whose sums `store` keeps apart. */
export function productGrid({ rows, columns }: ProductSizes, batch: number, parts = 1): [number, number, number] {
  return [Math.ceil(rows / tileOf(rows)) * Math.ceil(columns / tileOf(columns)), parts, batch];
}

/** Reads params M, N, K and `slices`, the slices of k that one part sums over. */
export function productProgram({ rows, columns, functions, alongK }: ProductCode): string {
  const [BM, BN] = [tileOf(rows), tileOf(columns)];
  const quadsM = BM / 4;
  const quadsN = BN / 4;
  const pitch = quadsM + 1; // threads that store one column of quads would all hit the same bank
  // Neighbouring threads read neighbouring memory.
  const [quadA, sliceA] = alongK ? [`(at / ${SLICE})`, `(at % ${SLICE})`] : [`(at % ${quadsM})`, `(at / ${quadsM})`];
  return `
var<workgroup> tileA: array<vec4<f32>, ${SLICE * pitch}>;
var<workgroup> tileB: array<vec4<f32>, ${SLICE * quadsN}>;
${functions}
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let thread = i32(index);
  let x = thread % 16;
  let y = thread / 16;
  let tilesN = (params.N + ${BN - 1}) / ${BN};
  let m0 = i32(group.x) / tilesN * ${BM};
  let n0 = i32(group.x) % tilesN * ${BN};
  let part = i32(group.y);
  let g = i32(group.z);
  ${sums(BM, BN)}
  let first = part * params.slices * ${SLICE};
  let last = min(first + params.slices * ${SLICE}, params.K);
  for (var k0 = first; k0 < last; k0 += ${SLICE}) {
    for (var at = thread; at < ${SLICE * quadsM}; at += ${THREADS}) {
      let k = k0 + ${sliceA};
      let m = m0 + 4 * ${quadA};
      var value = vec4<f32>(0.0);
      if (k < last && m < params.M) { value = loadA(g, m, k); }
      tileA[${sliceA} * ${pitch} + ${quadA}] = value;
    }
    for (var at = thread; at < ${SLICE * quadsN}; at += ${THREADS}) {
      let k = k0 + at / ${quadsN};
      let n = n0 + 4 * (at % ${quadsN});
      var value = vec4<f32>(0.0);
      if (k < last && n < params.N) { value = loadB(g, k, n); }
      tileB[at] = value;
    }
    workgroupBarrier();
    ${multiply({ BM, BN, pitch })}
    workgroupBarrier();
  }
  ${results(BM, BN, (m, n, c) => `if (${m} < params.M && ${n} < params.N) { store(g, part, ${m}, ${n}, ${c}); }`)}
}`;
}

/** Declares a thread's sums: rows 4·i + component of quads y + 16·i, columns of quads x + 16·j. */
export function sums(BM: number, BN: number, name = "c"): string {
  return unroll(BM / 16, (i) => unroll(BN / 64, (j) => `var ${name}${i}_${j} = vec4<f32>(0.0);`));
}

export interface Multiplication {
  readonly BM: number;
  readonly BN: number;
  /** quads from one column of A to the next */
  readonly pitch: number;
  /** of the sums; default c */
  readonly name?: string;
  /** WGSL of the first column of A; default 0 */
  readonly from?: string;
}

/** Adds the products of one slice in workgroup memory to the sums. */
export function multiply({ BM, BN, pitch, name = "c", from = "0" }: Multiplication): string {
  const [quadRows, quadColumns] = [BM / 64, BN / 64];
  return `for (var s = 0; s < ${SLICE}; s++) {
      ${unroll(quadRows, (i) => `let a${i} = tileA[(${from} + s) * ${pitch} + y + ${16 * i}];`)}
      ${unroll(quadColumns, (j) => `let b${j} = tileB[s * ${BN / 4} + x + ${16 * j}];`)}
      ${unroll(4 * quadRows, (i) => unroll(quadColumns, (j) => `${name}${i}_${j} += a${Math.floor(i / 4)}.${XYZW[i % 4]} * b${j};`))}
    }`;
}

/** Hands every quad of the sums with its row and first column to `use`. */
export function results(BM: number, BN: number, use: (m: string, n: string, c: string) => string): string {
  return unroll(BM / 16, (i) =>
    unroll(BN / 64, (j) =>
      use(`(m0 + 4 * (y + ${16 * Math.floor(i / 4)}) + ${i % 4})`, `(n0 + 4 * (x + ${16 * j}))`, `c${i}_${j}`),
    ),
  );
}
