// The global additive form under cosine (MD-)LRPE on the GPU: q and the weights are encoded while the products read them, so that no
// tensor of the doubled width is made on the way forward. Two passes over g: the sums of the weights, then the state.
//
// Backward, the products with the state's two halves are of the doubled width (2·4·2D bytes a token) before they are folded.

import { ShapeError } from "#base/errors";
import type { AdditiveEncodedInputs, FusedKernels, KeyedGradients, TokenSoftmaxOutputs } from "../kernels.ts";
import * as tf from "../tf.ts";
import { inverseWeight } from "./additive-global.ts";
import { FOR_EACH, gridOf } from "./arrays.ts";
import { readOnly, written } from "./bindings.ts";
import type { Gpu } from "./dispatch.ts";
import { product } from "./product.ts";
import { segmentsOf } from "./shares.ts";
import { logitSummaryProgram } from "./wgsl/column-scan.ts";

type Kernel = NonNullable<FusedKernels["additiveEncoded"]>;

/** Column scans run one thread a channel: short segments, or they would wait for memory. */
const COLUMN_TOKENS = 64;

export function additiveEncoded(gpu: Gpu): Kernel {
  return {
    forward: (inputs) => tf.tidy(() => ({ ...forward(gpu, inputs) })) as TokenSoftmaxOutputs,
    backward: (inputs, { out }) => tf.tidy(() => ({ ...backward(gpu, inputs, out) })) as KeyedGradients,
  };
}

function forward(gpu: Gpu, { q, g, v, table }: AdditiveEncodedInputs): TokenSoftmaxOutputs {
  const [G, N, D] = q.shape;
  const E = v.shape[2];
  const H = table.shape[0];
  if (G % H !== 0 || table.shape[1] !== N || table.shape[2] !== 2 * D)
    throw new ShapeError("additive (fused, encoded)", "table", `[H, ${N}, ${2 * D}], H a divisor of ${G}`, table.shape);
  const { top, weight } = logSums(gpu, g);
  const sums = product(gpu, {
    batch: G,
    rows: 2 * D,
    columns: E,
    inner: N,
    a: { kind: "encodedTransposed", x: g, table, top },
    b: { kind: "plain", x: v },
  });
  const state = tf.mul<tf.Tensor3D>(sums, onBothHalves(inverseWeight(weight)));
  const out = product(gpu, {
    batch: G,
    rows: N,
    columns: E,
    inner: 2 * D,
    a: { kind: "encoded", x: q, table },
    b: { kind: "plain", x: state },
  });
  return { out, state, top, weight };
}

/** [G, D] → [G, 2D, 1]: a channel's factor for the two rows of the state that stem from it */
function onBothHalves(factor: tf.Tensor2D): tf.Tensor {
  return tf.expandDims(tf.concat([factor, factor], 1), 2);
}

/** Largest logit of each channel and Σ_t e^{g_t − top}, [G, D]. */
function logSums(gpu: Gpu, g: tf.Tensor3D): Pick<TokenSoftmaxOutputs, "top" | "weight"> {
  const [G, N, D] = g.shape;
  const { segments, length } = segmentsOf(G, N, COLUMN_TOKENS);
  const summary = gpu.output<tf.Rank.R4>([G, segments, 2, D]);
  gpu.run({
    code: logitSummaryProgram(D),
    bindings: [written("summary", summary), readOnly("logits", g)],
    params: { N, segments, length },
    grid: [Math.ceil(D / 64), segments, G],
  });
  const [tops, weights] = tf.unstack(summary, 2) as [tf.Tensor3D, tf.Tensor3D]; // [G, segments, D]
  const top = tf.max(tops, 1, true);
  const weight = tf.sum<tf.Tensor2D>(tf.mul(weights, tf.exp(tf.sub(tops, top))), 1);
  return { top: tf.squeeze(top, [1]), weight };
}

/** With S, dS [2D, E]: dq = fold(do Sᵀ), dv = p̂ dS, dp = fold(v dSᵀ), dg = p ∘ (dp − Σ over e and both halves of S∘dS); 1 / weight is put on dS. */
function backward(
  gpu: Gpu,
  { q, g, v, table, state, top, weight }: AdditiveEncodedInputs & Omit<TokenSoftmaxOutputs, "out">,
  dOut: tf.Tensor3D,
): KeyedGradients {
  const [G, N, D] = q.shape;
  const E = v.shape[2];
  const fromOut = product(gpu, {
    batch: G,
    rows: 2 * D,
    columns: E,
    inner: N,
    a: { kind: "encodedTransposed", x: q, table },
    b: { kind: "plain", x: dOut },
  });
  const dState = tf.mul<tf.Tensor3D>(fromOut, onBothHalves(inverseWeight(weight)));
  const dq = product(gpu, {
    batch: G,
    rows: N,
    columns: 2 * D,
    inner: E,
    a: { kind: "plain", x: dOut },
    b: { kind: "transposed", x: state },
  });
  const dv = product(gpu, {
    batch: G,
    rows: N,
    columns: E,
    inner: 2 * D,
    a: { kind: "encoded", x: g, table, top },
    b: { kind: "plain", x: dState },
  });
  const dWeights = product(gpu, {
    batch: G,
    rows: N,
    columns: 2 * D,
    inner: E,
    a: { kind: "plain", x: v },
    b: { kind: "transposed", x: dState },
  });
  const common = tf.sum(tf.reshape(tf.sum(tf.mul(state, dState), 2), [G, 2, D]), 1); // [G, D]
  const weights = tf.exp(tf.sub(g, tf.expandDims(top, 1)));
  return {
    q: folded(gpu, dq, table),
    g: tf.mul(weights, tf.sub(folded(gpu, dWeights, table), tf.expandDims(common, 1))),
    v: dv,
  };
}

/** y_d = x_d cos_d + x_{D+d} sin_d: [G, N, 2D] → [G, N, D] */
function folded(gpu: Gpu, x: tf.Tensor3D, table: tf.Tensor3D): tf.Tensor3D {
  const [G, N, width] = x.shape;
  const D = width / 2;
  const y = gpu.output<tf.Rank.R3>([G, N, D]);
  gpu.run({
    code: `${FOR_EACH}
  let row = at / params.D;
  let first = row * 2 * params.D + at % params.D;
  let angle = (row / params.N % params.heads * params.N + row % params.N) * 2 * params.D + at % params.D;
  y[at] = x[first] * table[angle] + x[first + params.D] * table[angle + params.D];
}`,
    bindings: [written("y", y), readOnly("x", x), readOnly("table", table)],
    params: { size: G * N * D, N, D, heads: table.shape[0] },
    grid: gridOf(G * N * D),
  });
  return y;
}
