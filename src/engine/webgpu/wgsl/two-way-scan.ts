// Two directions of a decay rule over the same tokens, outputs summed:
//   out_t = Σ_{j≤t} q_tᵀ (λ_{j+1} ⋯ λ_t ∘ k_j) v_j + Σ_{j≥t} q_tᵀ (λ_t ⋯ λ_{j−1} ∘ k_j) v_j     (j = t counts in each)
//
// One workgroup holds both states of a segment in registers, half of its threads each, and walks from both ends: while the state from the left
// takes chunk i, the one from the right takes chunk n−1−i. Whichever direction meets a chunk first forms its q·kᵀ, whose lower
// triangle is what this chunk adds to one direction and whose upper triangle what it adds to the other; the second one only adds its state's part. A
// direction cannot wait for the other: its state at a chunk is the sum over all chunks on its side.
//
// Weights within a chunk are products of its λ, all ≤ 1: exact for any decay, as no quotient of cumulated decays appears, and no
// exponential is taken but of each log decay. Instructions per token and state entry: 2 each way and 1 for the summary of its segment (a scan
// of one token at a time: 3 and 2), and about 4·T·D a token for the chunk's own tile, T = 8 tokens. Traffic: q, k, v and decays
// twice (once for each direction), out written, then read and written; before it k, v and decays once for both summaries.

import { eachEntry, stateTile, stateVariables, type StateTile } from "./register-state.ts";
import { fixedWidth, quadReader, unroll } from "./text.ts";

const MOST_THREADS = 256;
/** Longest chunk: its own tile costs as much again for every doubling. */
const MOST_TOKENS = 8;

export interface TwoWayScan {
  readonly rows: number;
  readonly columns: number;
  readonly decay: "none" | "constant" | "scalar" | "rows";
  /** bytes of workgroup memory that the device has */
  readonly sharedBytes: number;
}

/** How half of a workgroup shares its state, and the tokens of a chunk. */
export interface TwoWayTile extends StateTile {
  readonly tokens: number;
  /** floats in which sums of threads are added up, a direction */
  readonly scratch: number;
}

export function twoWayTile({
  rows,
  columns,
  sharedBytes,
}: Pick<TwoWayScan, "rows" | "columns" | "sharedBytes">): TwoWayTile {
  const tile = stateTile(rows, columns, MOST_THREADS / 2);
  const width = tile.rows * tile.parts;
  const scratchOf = (tokens: number) => tokens * Math.max((tokens * width) / 4, tile.parts * tile.columns);
  const bytesOf = (tokens: number) =>
    2 * 4 * (tokens * (3 * width + tile.columns + tokens) + width + scratchOf(tokens));
  let tokens = MOST_TOKENS;
  while (tokens > 1 && bytesOf(tokens) > sharedBytes) tokens /= 2;
  return { ...tile, tokens, scratch: scratchOf(tokens) };
}

interface Layout {
  readonly tile: TwoWayTile;
  /** quads of a thread, and of a token */
  readonly own: number;
  readonly quads: number;
  readonly pairs: number;
}

function layoutOf(scan: TwoWayScan): Layout {
  const tile = twoWayTile(scan);
  return { tile, own: tile.rows / 4, quads: (tile.rows / 4) * tile.parts, pairs: tile.columns / 2 };
}

/** Readers of k, v and the log decays, and what every thread knows of its place. */
function head({ rows, columns, decay }: TwoWayScan, { tile, pairs, own }: Layout, declarations: string): string {
  const log = {
    none: "vec4<f32>(0.0)",
    constant: "vec4<f32>(decay[g])",
    scalar: "vec4<f32>(decay[g * params.N + token])",
    rows: "readDecay(g * params.N + token, row)",
  }[decay];
  return `
${quadReader("readK", "k", fixedWidth(rows))}
${decay === "rows" ? quadReader("readDecay", "decay", fixedWidth(rows)) : ""}
fn logDecay(g: i32, token: i32, row: i32) -> vec4<f32> { return ${log}; }
fn readV(g: i32, token: i32, column: i32) -> f32 {
  if (column >= ${columns}) { return 0.0; }
  return v[(g * params.N + token) * ${columns} + column];
}
${declarations}
@compute @workgroup_size(${2 * tile.threads})
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let fromLeft = i32(index) < ${tile.threads}; // else the state from the right
  let side = select(1, 0, fromLeft);
  let thread = i32(index) % ${tile.threads};
  let pair = thread % ${pairs};
  let part = thread / ${pairs};
  let column0 = i32(workgroup.x) * ${tile.columns};
  let columnA = column0 + pair;
  let columnB = columnA + ${pairs};
  let row0 = part * ${tile.rows};
  let segment = i32(workgroup.y);
  let g = i32(workgroup.z);
  let first = segment * params.length;
  let last = min(first + params.length, params.N);
  let state0 = ((side * params.G + g) * params.segments + segment) * ${rows * columns};
  ${stateVariables(own)}`;
}

/** S ← keep ∘ S + Σ_t k̃_t v_tᵀ over a chunk; `from_` is the first of its tokens in `tileV`. */
function takeIn({ tile, own, quads, pairs }: Layout, fromV: string): string {
  return `${unroll(own, (i) => `{ let l = keep[side * ${quads} + part * ${own} + ${i}]; sA${i} *= l; sB${i} *= l; }`)}
    for (var t = 0; t < ${tile.tokens}; t++) {
      let vA = tileV[(${fromV} + t) * ${tile.columns} + pair];
      let vB = tileV[(${fromV} + t) * ${tile.columns} + ${pairs} + pair];
      let at = (side * ${tile.tokens} + t) * ${quads} + part * ${own};
      ${unroll(own, (i) => `{ let x = tileK[at + ${i}]; sA${i} += x * vA; sB${i} += x * vB; }`)}
    }`;
}

/**
 * What each segment alone hands on to its right, Σ_j λ_{j+1} ⋯ λ_last k_j v_jᵀ, and to its left, Σ_j λ_first ⋯ λ_{j−1} k_j v_jᵀ, from one
 * reading: local [2, G, segments, D, E]. The product of its decays: factor [G, segments, D].
 * Buffers k, v, decay (logs). Params G, N, segments, length. Grid: column tiles, segments, G.
 */
export function summariesProgram(scan: TwoWayScan): string {
  const layout = layoutOf(scan);
  const { tile, quads } = layout;
  const { rows, columns } = scan;
  return `${head(
    scan,
    layout,
    `var<workgroup> tileK: array<vec4<f32>, ${2 * tile.tokens * quads}>; // as the state from the left takes it, and the one from the right
var<workgroup> tileL: array<vec4<f32>, ${tile.tokens * quads}>;
var<workgroup> tileV: array<f32, ${tile.tokens * tile.columns}>;
var<workgroup> keep: array<vec4<f32>, ${2 * quads}>;
var<workgroup> passed: array<vec4<f32>, ${quads}>; // sums of the logs up to the chunk`,
  )}
  for (var start = first; start < last; start += ${tile.tokens}) {
    for (var at = i32(index); at < ${tile.tokens * quads}; at += ${2 * tile.threads}) {
      let token = start + at / ${quads};
      let row = 4 * (at % ${quads});
      var key = vec4<f32>(0.0);
      var log = vec4<f32>(0.0);
      if (token < last) {
        key = readK(g * params.N + token, row);
        log = logDecay(g, token, row);
      }
      tileK[at] = key;
      tileK[${tile.tokens * quads} + at] = key;
      tileL[at] = log;
    }
    for (var at = i32(index); at < ${tile.tokens * tile.columns}; at += ${2 * tile.threads}) {
      let token = start + at / ${tile.columns};
      tileV[at] = 0.0;
      if (token < last) { tileV[at] = readV(g, token, column0 + at % ${tile.columns}); }
    }
    workgroupBarrier();
    for (var quad = thread; quad < ${quads}; quad += ${tile.threads}) {
      if (fromLeft) {
        var r = vec4<f32>(1.0);
        for (var t = ${tile.tokens - 1}; t >= 0; t--) {
          tileK[t * ${quads} + quad] *= r;
          r *= exp(tileL[t * ${quads} + quad]);
        }
        keep[quad] = r;
      } else {
        var sum = passed[quad];
        for (var t = 0; t < ${tile.tokens}; t++) {
          tileK[(${tile.tokens} + t) * ${quads} + quad] *= exp(sum);
          sum += tileL[t * ${quads} + quad];
        }
        passed[quad] = sum;
        keep[${quads} + quad] = vec4<f32>(1.0);
      }
    }
    workgroupBarrier();
    ${takeIn(layout, "0")}
    workgroupBarrier();
  }
  ${eachEntry({ quads: layout.own, rows, columns, rowsFirst: true }, (entry, place) => `local[state0 + ${place}] = ${entry};`)}
  if (workgroup.x == 0) {
    for (var row = i32(index); row < ${rows}; row += ${2 * tile.threads}) { factor[(g * params.segments + segment) * ${rows} + row] = exp(passed[row / 4][row % 4]); }
  }
}`;
}

/** States that every segment is handed from its left and from its right: start like local. Grid: 256ths of D·E, G, 2. */
export function handBothWaysProgram(rows: number, columns: number): string {
  return `
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let at = i32(id.x);
  let g = i32(id.y);
  if (at >= ${rows * columns}) { return; }
  var state = 0.0;
  for (var i = 0; i < params.segments; i++) {
    let segment = select(params.segments - 1 - i, i, id.z == 0u);
    let entry = ((i32(id.z) * params.G + g) * params.segments + segment) * ${rows * columns} + at;
    start[entry] = state;
    state = factor[(g * params.segments + segment) * ${rows} + at / ${columns}] * state + local[entry];
  }
}`;
}

/** Buffers q, k, v, decay (logs), `started` also start; out. Params G, N, segments, length and `chunks`, an even number that covers a segment. Grid: column tiles, segments, G. */
export function twoWayProgram(scan: TwoWayScan & { readonly started: boolean }): string {
  const layout = layoutOf(scan);
  const { tile, own, quads, pairs } = layout;
  const { rows, columns, started } = scan;
  const T = tile.tokens;
  return `${quadReader("readQ", "q", fixedWidth(rows))}${head(
    scan,
    layout,
    `var<workgroup> tileQ: array<vec4<f32>, ${2 * T * quads}>; // the chunk of each side: first as it is, then as the states take it
var<workgroup> tileK: array<vec4<f32>, ${2 * T * quads}>;
var<workgroup> tileL: array<vec4<f32>, ${2 * T * quads}>;
var<workgroup> tileV: array<f32, ${2 * T * tile.columns}>;
var<workgroup> keep: array<vec4<f32>, ${2 * quads}>;
var<workgroup> scratch: array<f32, ${2 * tile.scratch}>;
var<workgroup> weights: array<f32, ${2 * T * T}>; // [side][t][j]`,
  )}
  ${started ? eachEntry({ quads: own, rows, columns, rowsFirst: true }, (entry, place) => `${entry} = start[state0 + ${place}];`) : ""}
  for (var step = 0; step < params.chunks; step++) {
    let fresh = 2 * step < params.chunks; // neither chunk has been met before
    let token0 = first + ${T} * select(params.chunks - 1 - step, step, fromLeft);
    let tile0 = side * ${T * quads};
    for (var at = thread; at < ${T * quads}; at += ${tile.threads}) {
      let token = token0 + at / ${quads};
      let row = 4 * (at % ${quads});
      var query = vec4<f32>(0.0);
      var key = vec4<f32>(0.0);
      var log = vec4<f32>(0.0);
      if (token < last) {
        query = readQ(g * params.N + token, row);
        key = readK(g * params.N + token, row);
        log = logDecay(g, token, row);
      }
      tileQ[tile0 + at] = query;
      tileK[tile0 + at] = key;
      tileL[tile0 + at] = exp(log);
    }
    for (var at = thread; at < ${T * tile.columns}; at += ${tile.threads}) {
      let token = token0 + at / ${tile.columns};
      var value = 0.0;
      if (token < last) { value = readV(g, token, column0 + at % ${tile.columns}); }
      tileV[side * ${T * tile.columns} + at] = value;
    }
    workgroupBarrier();
    if (fresh) {
      ${ownTile(layout)}
    }
    workgroupBarrier();
    for (var item = thread; item < ${2 * quads}; item += ${tile.threads}) {
      let quad = item % ${quads};
      let ofQueries = item < ${quads};
      let ahead = ofQueries == fromLeft; // queries count their own decay, keys do not
      var r = vec4<f32>(1.0);
      for (var i = 0; i < ${T}; i++) {
        let at = tile0 + select(${T - 1} - i, i, ahead) * ${quads} + quad;
        if (ofQueries) {
          r *= tileL[at];
          tileQ[at] *= r;
        } else {
          tileK[at] *= r;
          r *= tileL[at];
        }
      }
      if (ofQueries) { keep[side * ${quads} + quad] = r; }
    }
    workgroupBarrier();
    for (var t = 0; t < ${T}; t++) {
      let at = tile0 + t * ${quads} + part * ${own};
      var oA = vec4<f32>(0.0);
      var oB = vec4<f32>(0.0);
      ${unroll(own, (i) => `{ let x = tileQ[at + ${i}]; oA += x * sA${i}; oB += x * sB${i}; }`)}
      let sum0 = side * ${tile.scratch} + (t * ${tile.parts} + part) * ${tile.columns} + pair;
      scratch[sum0] = dot(oA, vec4<f32>(1.0));
      scratch[sum0 + ${pairs}] = dot(oB, vec4<f32>(1.0));
    }
    ${takeIn(layout, `side * ${T}`)}
    workgroupBarrier();
    // The threads that wrote a chunk's outputs first also add to them: no other thread needs to see what was written.
    let writes = select(1 - side, side, fresh);
    let written0 = first + ${T} * select(params.chunks - 1 - step, step, writes == 0);
    for (var at = thread; at < ${T * tile.columns}; at += ${tile.threads}) {
      let t = at / ${tile.columns};
      let column = at % ${tile.columns};
      var total = 0.0;
      for (var j = 0; j < ${tile.parts}; j++) { total += scratch[writes * ${tile.scratch} + (t * ${tile.parts} + j) * ${tile.columns} + column]; }
      if (written0 + t < last && column0 + column < ${columns}) {
        let place = (g * params.N + written0 + t) * ${columns} + column0 + column;
        if (fresh) {
          for (var j = 0; j < ${T}; j++) { total += weights[(writes * ${T} + t) * ${T} + j] * tileV[(writes * ${T} + j) * ${tile.columns} + column]; }
          out[place] = total;
        } else {
          out[place] += total;
        }
      }
    }
    workgroupBarrier();
  }
}`;
}

/** Weights of a chunk's tokens for each other, both triangles: each key meets the queries on either side with the decays that lie between. */
function ownTile({ tile, quads }: Layout): string {
  const T = tile.tokens;
  return `for (var at = thread; at < ${T * quads}; at += ${tile.threads}) {
        let j = at / ${quads};
        let quad = at % ${quads};
        let key = tileK[tile0 + at];
        let sum0 = side * ${tile.scratch} + at * ${T};
        scratch[sum0 + j] = 2.0 * dot(tileQ[tile0 + at], key);
        var r = key;
        for (var t = j + 1; t < ${T}; t++) {
          r *= tileL[tile0 + t * ${quads} + quad];
          scratch[sum0 + t] = dot(tileQ[tile0 + t * ${quads} + quad], r);
        }
        r = key;
        for (var t = j - 1; t >= 0; t--) {
          r *= tileL[tile0 + t * ${quads} + quad];
          scratch[sum0 + t] = dot(tileQ[tile0 + t * ${quads} + quad], r);
        }
      }
      workgroupBarrier();
      for (var at = thread; at < ${T * T}; at += ${tile.threads}) {
        let t = at / ${T};
        let j = at % ${T};
        var sum = 0.0;
        for (var quad = 0; quad < ${quads}; quad++) { sum += scratch[side * ${tile.scratch} + (j * ${quads} + quad) * ${T} + t]; }
        weights[side * ${T * T} + at] = sum;
      }`;
}
