// Softmax attention in tiles of 64 queries and 64 keys; scores and probabilities exist in registers and workgroup memory
// only. Forward with the online softmax; gradients form the tiles again from the saved log-sums.
//
// One program in four modes. Its rows are 64 queries (`out`, `dq`) or 64 keys (`dk`, `dv`); it runs over the tiles of the others:
//   s = q kᵀ · scale,  p = e^{s − lse},  [u = do vᵀ,  ds = p ∘ (u − Δ) · scale]      then adds p v, ds k, dsᵀ q or pᵀ do.
//
// Limits: 4NDE·… operations are 2N²(D+E) forward and 2N²(5D+3E) backward (least: 2N²(3D+2E)), halved if causal; a tile
// reads 64(D+E) floats for 64·64(D+E) multiply-adds, so that memory traffic does not bound it. A thread holds 4 rows of 4
// scores and of 4 or 8 results; per slice of 16 it reads 2–3 quads for 16–32 multiply-adds. Workgroup memory: 30 KiB.

import { NUMBERS } from "./numbers.ts";
import { multiply, SLICE, sums, tileOf } from "./product.ts";
import { reduceRows } from "./row-reduction.ts";
import { asHalves, fromHalves, inQuads, quadReader, unroll, XYZW, type Width } from "./text.ts";

export type AttentionMode = "out" | "dq" | "dk" | "dv";

export interface AttentionProgram {
  readonly mode: AttentionMode;
  readonly D: number;
  readonly E: number;
  readonly causal: boolean;
  readonly masked: boolean;
  /** q, k, v, dOut and the result are stored as float16 */
  readonly halves: boolean;
  /** see `Gpu` */
  readonly lanes: number;
}

const TILE = 64;
const THREADS = 256;
const PITCH = TILE / 4 + 1;

/** Bytes of workgroup memory that the program takes. */
export const ATTENTION_SHARED_BYTES = 16 * (TILE * PITCH + SLICE * 32 + THREADS);

/** Width of the result, and which buffers a mode takes. */
export function attentionMode(mode: AttentionMode, D: number, E: number) {
  const ofKeys = mode === "dk" || mode === "dv";
  const needsU = mode === "dq" || mode === "dk";
  const [a, b] = ofKeys ? ["k", "q"] : ["q", "k"];
  const [a2, b2] = ofKeys ? ["v", "dOut"] : ["dOut", "v"];
  const values = { out: "v", dq: "k", dk: "q", dv: "dOut" }[mode];
  const width = mode === "out" || mode === "dv" ? E : D;
  return { ofKeys, needsU, a, b, a2, b2, values, width };
}

/** Buffers q, k, v, [dOut, lse, delta], [visible]; result [G, N, width], mode out also lse and, of halves, unrounded. Params N, D, E and, in bits, scale. Grid: row tiles, column tiles, G. */
export function attentionProgram({ mode, D, E, causal, masked, halves, lanes }: AttentionProgram): string {
  const { ofKeys, needsU, a, b, a2, b2, values, width } = attentionMode(mode, D, E);
  const BN = tileOf(width);
  const columns = BN / 64;
  const ofD = { text: "params.D", quads: inQuads(D), halves };
  const ofE = { text: "params.E", quads: inQuads(E), halves };
  const widths: Readonly<Record<string, Width>> = { q: ofD, k: ofD, v: ofE, dOut: ofE };
  const wide = width === E && (mode === "out" || mode === "dv") ? ofE : ofD;
  const buffers = [...new Set([a, b, ...(needsU ? [a2, b2] : [])])];
  const [query, key] = ofKeys ? ["other", "row"] : ["row", "other"];
  const hidden = [
    `${query} >= params.N`,
    `${key} >= params.N`,
    ...(causal ? [`${key} > ${query}`] : []),
    ...(masked ? [`visible[g * params.N + min(${key}, params.N - 1)] == 0.0`] : []),
  ]
    .map((test) => `(${test})`)
    .join(" | ");
  return `
${NUMBERS}
var<workgroup> tileA: array<vec4<f32>, ${TILE * PITCH}>; // a slice of the first operand; then the weights, [other][row]
var<workgroup> tileB: array<vec4<f32>, ${SLICE * (BN / 4)}>;
var<workgroup> ofRows: array<vec4<f32>, ${THREADS}>;
${buffers.map((name) => columnReader(name, widths[name]!)).join("\n")}
${quadReader("readValues", values, widths[values]!)}
fn store(g: i32, row: i32, column: i32, value: vec4<f32>) {
  if (row >= params.N) { return; }
  let at = (g * params.N + row) * ${wide.text} + column;
  ${halves ? `if (column < ${wide.text}) { result[at / 4] = ${asHalves("value")};${mode === "out" ? " unrounded[at / 4] = value;" : ""} }` : `for (var i = 0; i < 4 && column + i < ${wide.text}; i++) { result[at + i] = value[i]; }`}
}
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let thread = i32(index);
  let x = thread % 16;
  let y = thread / 16;
  let row0 = i32(group.x) * ${TILE};
  let column0 = i32(group.y) * ${BN};
  let g = i32(group.z);
  let scale = bitcast<f32>(params.scale);
  ${sums(64, BN)}
  ${mode === "out" ? "var top = vec4<f32>(NOTHING); var weight = vec4<f32>(0.0); // of the four rows; the weight of own columns" : ""}
  let end = ${causal && !ofKeys ? `min(params.N, row0 + ${TILE})` : "params.N"};
  for (var other0 = ${causal && ofKeys ? "row0" : "0"}; other0 < end; other0 += ${TILE}) {
    ${sums(64, 64, "s")}
    ${scoreTile([a, b], widths[a]!, "s")}
    ${needsU ? `${sums(64, 64, "u")}\n${scoreTile([a2, b2], widths[a2]!, "u")}` : ""}
    ${eachScore((i, c) => `{ let row = row0 + 4 * y + ${i}; let other = other0 + 4 * x + ${c}; s${i}_0.${XYZW[c]!} = select(s${i}_0.${XYZW[c]!} * scale, HIDDEN, ${hidden}); }`)}
    ${mode === "out" ? onlineSoftmax(columns, lanes) : weightsFromSums(ofKeys, needsU)}
    ${unroll(4, (c) => `tileA[(4 * x + ${c}) * ${PITCH} + y] = vec4<f32>(s0_0.${XYZW[c]!}, s1_0.${XYZW[c]!}, s2_0.${XYZW[c]!}, s3_0.${XYZW[c]!});`)}
    for (var from_ = 0; from_ < ${TILE}; from_ += ${SLICE}) {
      for (var at = thread; at < ${SLICE * (BN / 4)}; at += ${THREADS}) {
        let other = other0 + from_ + at / ${BN / 4};
        tileB[at] = readValues(select(-1, g * params.N + other, other < params.N), column0 + 4 * (at % ${BN / 4}));
      }
      workgroupBarrier();
      ${multiply({ BM: 64, BN, pitch: PITCH, from: "from_" })}
      workgroupBarrier();
    }
  }
  ${mode === "out" ? finish(columns, lanes) : ""}
  ${unroll(4, (i) => unroll(columns, (j) => `store(g, row0 + 4 * y + ${i}, column0 + 4 * (x + ${16 * j}), c${i}_${j});`))}
}`;
}

function eachScore(body: (i: number, c: number) => string): string {
  return unroll(4, (i) => unroll(4, (c) => body(i, c)));
}

/** fn column_X(g, row, column) -> four rows of one column, 0 outside. */
function columnReader(name: string, { text, quads, halves = false }: Width): string {
  const read = (at: string) =>
    halves
      ? `${fromHalves(`${name}[(${at}) / 4]`)}[(${at}) % 4]`
      : quads
        ? `${name}[(${at}) / 4][(${at}) % 4]`
        : `${name}[${at}]`;
  return `fn column_${name}(g: i32, row: i32, column: i32) -> vec4<f32> {
  var value = vec4<f32>(0.0);
  if (column >= ${text}) { return value; }
  let first = (g * params.N + row) * ${text} + column;
  ${unroll(4, (i) => `if (row + ${i} < params.N) { value.${XYZW[i]!} = ${read(`first + ${i} * ${text}`)}; }`)}
  return value;
}`;
}

/** name = A(rows) B(others)ᵀ, both [N, inner]. */
function scoreTile([a, b]: readonly [string, string], inner: Width, name: string): string {
  return `for (var d0 = 0; d0 < ${inner.text}; d0 += ${SLICE}) {
      tileA[x * ${PITCH} + y] = column_${a}(g, row0 + 4 * y, d0 + x);
      tileB[x * ${TILE / 4} + y] = column_${b}(g, other0 + 4 * y, d0 + x);
      workgroupBarrier();
      ${multiply({ BM: 64, BN: 64, pitch: PITCH, name })}
      workgroupBarrier();
    }`;
}

/** Scores become e^{s − maximum}; what was summed before is scaled down where the maximum grew. */
function onlineSoftmax(columns: number, lanes: number): string {
  const most = (i: number) => `max(max(s${i}_0.x, s${i}_0.y), max(s${i}_0.z, s${i}_0.w))`;
  return `var most = vec4<f32>(${[0, 1, 2, 3].map(most).join(", ")});
    var next = top;
    ${reduceRows({ own: "most", into: "next", operator: "max", lanes })}
    let keep = exp(top - next);
    top = next;
    ${unroll(4, (i) => `s${i}_0 = exp(s${i}_0 - next.${XYZW[i]!});\n${unroll(columns, (j) => `c${i}_${j} *= keep.${XYZW[i]!};`)}`)}
    weight = weight * keep + vec4<f32>(${[0, 1, 2, 3].map((i) => `dot(s${i}_0, vec4<f32>(1.0))`).join(", ")});`;
}

/** Scores become p, or ds = p ∘ (u − Δ) · scale. lse and Δ belong to queries: rows, or the others. */
function weightsFromSums(ofKeys: boolean, needsU: boolean): string {
  const at = ofKeys ? (c: number) => `other0 + 4 * x + ${c}` : (_c: number, i: number) => `row0 + 4 * y + ${i}`;
  return eachScore((i, c) => {
    const s = `s${i}_0.${XYZW[c]!}`;
    const query = `g * params.N + min(${at(c, i)}, params.N - 1)`;
    return `{ let p = exp(${s} - lse[${query}]); ${s} = ${needsU ? `p * (u${i}_0.${XYZW[c]!} - delta[${query}]) * scale` : "p"}; }`;
  });
}

/** Divides by the sums and writes their logarithms. */
function finish(columns: number, lanes: number): string {
  return `var total = vec4<f32>(0.0);
  ${reduceRows({ own: "weight", into: "total", operator: "+", lanes })}
  ${unroll(4, (i) => unroll(columns, (j) => `c${i}_${j} *= inverseWeight(total.${XYZW[i]!});`))}
  if (x == 0 && column0 == 0) {
    ${unroll(4, (i) => `if (row0 + 4 * y + ${i} < params.N) { lse[g * params.N + row0 + 4 * y + ${i}] = select(top.${XYZW[i]!} + log(max(total.${XYZW[i]!}, 1e-37)), -NOTHING, total.${XYZW[i]!} == 0.0); }`)}
  }`;
}
