// State of the global additive form in one streaming read of g and v: s = Σ_t e^{g_t − m} (k_t) v_tᵀ, l = Σ_t e^{g_t − m} and the
// maximum m, for each part of the tokens.
//
// Limits, per head and token: 2DE operations; 4(D + E) bytes read. At D = E = 128 that is 32 operations a byte, which is
// why the state stays in registers (64 floats a thread) and only P and V pass through workgroup memory (21 KiB):
// two barriers for 16 tokens. Rows are rescaled only if some maximum moved: rare after the first tokens.

import { NUMBERS } from "./numbers.ts";
import { multiply, results, SLICE, sums, tileOf } from "./product.ts";
import { inQuads, quadReader, unroll, XYZW } from "./text.ts";

const THREADS = 256;

interface TokenSoftmax {
  readonly D: number;
  readonly E: number;
  readonly keyed: boolean;
  /** g, v and k are stored as float16 */
  readonly halves: boolean;
}

/** Buffers g, v and, keyed, k in quads where D and E allow; state [G, parts, D, E], top and weight [G, parts, D]. Params N, D, E, parts, slices. */
export function tokenSoftmaxProgram({ D, E, keyed, halves }: TokenSoftmax): string {
  const [BM, BN] = [tileOf(D), tileOf(E)];
  const quads = BM / 4;
  const groups = THREADS / quads; // of threads; each takes every groups-th token of a slice
  const tokens = SLICE / groups;
  const quadsN = BN / 4;
  return `
${NUMBERS}
${quadReader("readG", "g", { text: "params.D", quads: inQuads(D), halves })}
${quadReader("readV", "v", { text: "params.E", quads: inQuads(E), halves })}
${keyed ? quadReader("readK", "k", { text: "params.D", quads: inQuads(D), halves }) : ""}
var<workgroup> tileA: array<vec4<f32>, ${SLICE * quads}>;
var<workgroup> tileB: array<vec4<f32>, ${SLICE * quadsN}>;
var<workgroup> shared_: array<vec4<f32>, ${THREADS}>; // a maximum, later a sum, of each thread
var<workgroup> scale: array<vec4<f32>, ${quads}>;
var<workgroup> moved: atomic<i32>; // the last slice at which a maximum moved
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let thread = i32(index);
  let x = thread % 16;
  let y = thread / 16;
  let tilesE = (params.E + ${BN - 1}) / ${BN};
  let m0 = i32(workgroup.x) / tilesE * ${BM};
  let n0 = i32(workgroup.x) % tilesE * ${BN};
  let part = i32(workgroup.y);
  let head = i32(workgroup.z);
  let quad = thread % ${quads};
  let group = thread / ${quads};
  let channel = m0 + 4 * quad;
  var top = vec4<f32>(NOTHING);
  var weight = vec4<f32>(0.0);
  ${sums(BM, BN)}
  let first = part * params.slices * ${SLICE};
  let last = min(first + params.slices * ${SLICE}, params.N);
  for (var start = first; start < last; start += ${SLICE}) {
    ${unroll(
      tokens,
      (i) => `let t${i} = start + group + ${groups * i};
    var g${i} = vec4<f32>(HIDDEN);
    if (t${i} < last) { g${i} = readG(head * params.N + t${i}, channel); }`,
    )}
    shared_[thread] = ${Array.from({ length: tokens }, (_, i) => `g${i}`).reduce((a, b) => `max(${a}, ${b})`)};
    workgroupBarrier(); // also: the products of the slice before are done
    var next = top;
    for (var j = 0; j < ${groups}; j++) { next = max(next, shared_[j * ${quads} + quad]); }
    let keep = exp(top - next);
    weight *= keep;
    ${unroll(
      tokens,
      (i) => `{
      let p = exp(g${i} - next);
      weight += p;
      ${keyed ? `var key = vec4<f32>(0.0);\n      if (t${i} < last) { key = readK(head * params.N + t${i}, channel); }` : ""}
      tileA[(group + ${groups * i}) * ${quads} + quad] = ${keyed ? "p * key" : "p"};
    }`,
    )}
    if (group == 0) {
      scale[quad] = keep;
      if (any(next > top)) { atomicStore(&moved, start + 1); }
    }
    top = next;
    for (var at = thread; at < ${SLICE * quadsN}; at += ${THREADS}) {
      let t = start + at / ${quadsN};
      var value = vec4<f32>(0.0);
      if (t < last) { value = readV(head * params.N + t, n0 + 4 * (at % ${quadsN})); }
      tileB[at] = value;
    }
    workgroupBarrier();
    if (atomicLoad(&moved) == start + 1) {
      ${unroll(BM / 16, (i) => unroll(BN / 64, (j) => `c${i}_${j} *= scale[y + ${16 * Math.floor(i / 4)}].${XYZW[i % 4]};`))}
    }
    ${multiply({ BM, BN, pitch: quads })}
  }
  let row = (head * params.parts + part) * params.D;
  ${results(
    BM,
    BN,
    (m, n, c) => `if (${m} < params.D) {
    ${unroll(4, (i) => `if (${n} + ${i} < params.E) { state[(row + ${m}) * params.E + ${n} + ${i}] = ${c}.${XYZW[i]!}; }`)}
  }`,
  )}
  workgroupBarrier();
  shared_[thread] = weight;
  workgroupBarrier();
  if (n0 == 0 && group == 0) {
    var sum = vec4<f32>(0.0);
    for (var j = 0; j < ${groups}; j++) { sum += shared_[j * ${quads} + quad]; }
    for (var i = 0; i < 4 && channel + i < params.D; i++) {
      tops[row + channel + i] = top[i];
      weights[row + channel + i] = sum[i];
    }
  }
}`;
}
