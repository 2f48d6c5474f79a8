// The LNA layer in float64, forward and backward, as the definition: no tensor library.

import { cosineReference } from "#encodings/angles-reference";
import { tokensOf, type Place } from "#encodings/place";
import { operators } from "#ops/registry";
import type { OperatorSpec, Shape } from "#case/case";

const NORM_EPSILON = 1e-6; // a part of the definition

export interface LightNetReferenceOptions {
  readonly causal: boolean;
  readonly norm: "layer" | "rms";
  readonly heads: number;
  readonly place: Place;
  readonly B: number;
  readonly C: number;
}

/** x [B·N·C]; weights [in, out]; theta (cosine LRPE) optional. */
export type LightNetArrays = { readonly [Name in "x" | "wq" | "wk" | "wv" | "wu1" | "wu2" | "wo"]: Float64Array } & {
  readonly theta?: Float64Array;
};

/** Output of the layer, and the gradients of Σ out · cotangent with respect to every array given. */
export function lightNetReference(arrays: LightNetArrays, options: LightNetReferenceOptions, cotangent: Float64Array) {
  const { B, C, heads } = options;
  const rows = B * tokensOf(options.place);
  const inner = C / heads;
  const product = (a: Float64Array, w: Float64Array, n: number, m: number) => matMul(a, w, { rows, n, m });
  const { x } = arrays;
  const preQ = product(x, arrays.wq, C, C);
  const attention = attend(
    {
      q: toHeads(preQ.map(silu), options),
      g: toHeads(product(x, arrays.wk, C, C), options),
      v: toHeads(product(x, arrays.wv, C, C), options),
    },
    arrays.theta,
    options,
  );
  const merged = fromHeads(attention.out, options);
  const normed = normRows(merged, C, options.norm);
  const low = product(x, arrays.wu1, C, inner);
  const gate = product(low, arrays.wu2, inner, C).map(sigmoid);
  const gated = normed.map((value, i) => value * gate[i]!);
  const out = product(gated, arrays.wo, C, C);

  const back = (dy: Float64Array, a: Float64Array, w: Float64Array, dims: { n: number; m: number }) =>
    matMulBackward(dy, a, w, { rows, ...dims });
  const square = { n: C, m: C };
  const wo = back(cotangent, gated, arrays.wo, square);
  const dGateLogits = wo.a.map((d, i) => d * normed[i]! * gate[i]! * (1 - gate[i]!));
  const wu2 = back(dGateLogits, low, arrays.wu2, { n: inner, m: C });
  const wu1 = back(wu2.a, x, arrays.wu1, { n: C, m: inner });
  const dMerged = normBackward(
    wo.a.map((d, i) => d * gate[i]!),
    merged,
    C,
    options.norm,
  );
  const dAttention = attention.backward(toHeads(dMerged, options));
  const wq = back(
    fromHeads(dAttention.q, options).map((d, i) => d * siluSlope(preQ[i]!)),
    x,
    arrays.wq,
    square,
  );
  const wk = back(fromHeads(dAttention.g, options), x, arrays.wk, square);
  const wv = back(fromHeads(dAttention.v, options), x, arrays.wv, square);
  const dx = wq.a.map((d, i) => d + wk.a[i]! + wv.a[i]! + wu1.a[i]!);
  const gradients = { x: dx, wq: wq.w, wk: wk.w, wv: wv.w, wu1: wu1.w, wu2: wu2.w, wo: wo.w };
  return { out, gradients: dAttention.theta === undefined ? gradients : { ...gradients, theta: dAttention.theta } };
}

interface HeadArrays {
  readonly q: Float64Array;
  readonly g: Float64Array;
  readonly v: Float64Array;
}

/** Additive attention; with θ on g repeated and keys [cos a ; sin a], which is the encoding of the normalised weights. */
function attend(
  { q, g, v }: HeadArrays,
  theta: Float64Array | undefined,
  { causal, heads, place, B, C }: LightNetReferenceOptions,
) {
  const D = C / heads;
  const N = tokensOf(place);
  const { reference } = operators.get("additive");
  const shape: Shape = {
    B,
    H: heads,
    N,
    D: theta === undefined ? D : 2 * D,
    E: D,
    grid: [...place.grid],
    prefix: place.prefix ?? 0,
  };
  if (theta === undefined) {
    const spec: OperatorSpec = { op: "additive", causal };
    const backward = (dOut: Float64Array) => {
      const d = reference.backward({ q, g, v }, spec, shape, dOut);
      return { q: d.q!, g: d.g!, v: d.v!, theta: undefined };
    };
    return { out: reference.forward({ q, g, v }, spec, shape).out, backward };
  }
  const layout = { heads, width: D, place };
  const ones = new Float64Array(g.length).fill(1);
  const spec: OperatorSpec = { op: "additive", causal, explicitKey: true };
  const inputs = {
    q: cosineReference.forward(q, theta, layout),
    g: doubled(g, D),
    k: cosineReference.forward(ones, theta, layout),
    v,
  };
  const backward = (dOut: Float64Array) => {
    const d = reference.backward(inputs, spec, shape, dOut);
    const ofQ = cosineReference.backward({ x: q, theta }, layout, d.q!);
    const ofK = cosineReference.backward({ x: ones, theta }, layout, d.k!);
    const dG = g.map((_, i) => d.g![2 * i - (i % D)]! + d.g![2 * i - (i % D) + D]!);
    return { q: ofQ.x, g: dG, v: d.v!, theta: ofQ.theta.map((value, i) => value + ofK.theta[i]!) };
  };
  return { out: reference.forward(inputs, spec, shape).out, backward };
}

/** [rows, D] → [rows, 2D], each row twice. */
function doubled(x: Float64Array, D: number): Float64Array {
  return Float64Array.from({ length: 2 * x.length }, (_, at) => x[Math.floor(at / (2 * D)) * D + (at % D)]!);
}

interface Dims {
  readonly rows: number;
  readonly n: number;
  readonly m: number;
}

function matMul(a: Float64Array, w: Float64Array, { rows, n, m }: Dims): Float64Array {
  const out = new Float64Array(rows * m);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[r * m + j]! += a[r * n + i]! * w[i * m + j]!;
  }
  return out;
}

function matMulBackward(dy: Float64Array, a: Float64Array, w: Float64Array, { rows, n, m }: Dims) {
  const da = new Float64Array(rows * n);
  const dw = new Float64Array(n * m);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        da[r * n + i]! += dy[r * m + j]! * w[i * m + j]!;
        dw[i * m + j]! += dy[r * m + j]! * a[r * n + i]!;
      }
    }
  }
  return { a: da, w: dw };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function silu(x: number): number {
  return x * sigmoid(x);
}

function siluSlope(x: number): number {
  const gate = sigmoid(x);
  return gate + x * gate * (1 - gate);
}

/** [B, N, C] → [B, H, N, C/H] */
function toHeads(x: Float64Array, options: LightNetReferenceOptions): Float64Array {
  const out = new Float64Array(x.length);
  forEachChannel(options, (token, head) => (out[head] = x[token]!));
  return out;
}

function fromHeads(x: Float64Array, options: LightNetReferenceOptions): Float64Array {
  const out = new Float64Array(x.length);
  forEachChannel(options, (token, head) => (out[token] = x[head]!));
  return out;
}

function forEachChannel(
  { B, C, heads, place }: LightNetReferenceOptions,
  visit: (byToken: number, byHead: number) => void,
): void {
  const N = tokensOf(place);
  const D = C / heads;
  for (let b = 0; b < B; b++) {
    for (let t = 0; t < N; t++) {
      for (let c = 0; c < C; c++) visit((b * N + t) * C + c, ((b * heads + Math.floor(c / D)) * N + t) * D + (c % D));
    }
  }
}

function rowStatistics(row: Float64Array, norm: "layer" | "rms") {
  const mean = norm === "layer" ? row.reduce((sum, value) => sum + value, 0) / row.length : 0;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
  return { mean, scale: 1 / Math.sqrt(variance + NORM_EPSILON) };
}

function normRows(x: Float64Array, C: number, norm: "layer" | "rms"): Float64Array {
  const out = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += C) {
    const row = x.subarray(start, start + C);
    const { mean, scale } = rowStatistics(row, norm);
    row.forEach((value, c) => (out[start + c] = (value - mean) * scale));
  }
  return out;
}

/** dx = (dy − mean(dy) − y·mean(dy∘y)) / σ; without centring the middle term is gone. */
function normBackward(dy: Float64Array, x: Float64Array, C: number, norm: "layer" | "rms"): Float64Array {
  const y = normRows(x, C, norm);
  const out = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += C) {
    const { scale } = rowStatistics(x.subarray(start, start + C), norm);
    let sum = 0;
    let along = 0;
    for (let c = start; c < start + C; c++) {
      sum += dy[c]!;
      along += dy[c]! * y[c]!;
    }
    const mean = norm === "layer" ? sum / C : 0;
    for (let c = start; c < start + C; c++) out[c] = scale * (dy[c]! - mean - (y[c]! * along) / C);
  }
  return out;
}
