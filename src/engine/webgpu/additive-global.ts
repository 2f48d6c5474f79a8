// The global additive form on the GPU: one streaming pass for the state, a small combination of its parts, then out = q s.
//
// Least traffic, per head and token at D = E: forward 16D bytes (g, v, q read, out written), and this reaches it; backward 28D,
// here 36D, as q·do, do·sᵀ, p·ds and v·dsᵀ are a kernel each: a pair of them would not fit into a workgroup's memory.

import type {
  AdditiveGlobalInputs,
  FusedKernels,
  KeyedGradients,
  StateOutputs,
  TokenSoftmaxOutputs,
} from "../kernels.ts";
import * as tf from "../tf.ts";
import type { Gpu } from "./dispatch.ts";
import { ones, quads, readOnly, written } from "./bindings.ts";
import { isHalf, outputLike, widthOf } from "./half.ts";
import { NUMBERS } from "./wgsl/numbers.ts";
import { productGrid, tileOf } from "./wgsl/product.ts";
import { asTheyAre, product, type Product } from "./product.ts";
import { partsOf } from "./shares.ts";
import { oneOf } from "./wgsl/text.ts";
import { tokenSoftmaxProgram } from "./wgsl/token-softmax.ts";

interface Sizes {
  readonly G: number;
  readonly N: number;
  readonly D: number;
  readonly E: number;
}

function sizesOf({ q, v }: Pick<AdditiveGlobalInputs, "q" | "v">): Sizes {
  const [G, N] = q.shape;
  return { G, N, D: widthOf(q), E: widthOf(v) };
}

/** q, g, v and k as float32, or all as halves; out, its cotangent and the gradients then are as well. */
export function additiveGlobal(gpu: Gpu): NonNullable<FusedKernels["additiveGlobal"]> {
  return {
    forward: (inputs) => forward(gpu, inputs),
    backward: (inputs, cotangents) => tf.tidy(() => ({ ...backward(gpu, inputs, cotangents) })) as KeyedGradients,
  };
}

function forward(gpu: Gpu, inputs: AdditiveGlobalInputs): TokenSoftmaxOutputs {
  const made = stateOf(gpu, inputs);
  return { out: timesState(gpu, inputs.q, made.state), ...made };
}

function stateOf(gpu: Gpu, { q, g, v, k }: AdditiveGlobalInputs): Omit<TokenSoftmaxOutputs, "out"> {
  const { G, N, D, E } = sizesOf({ q, v });
  const { parts, slices } = partsOf(G * Math.ceil(D / tileOf(D)) * Math.ceil(E / tileOf(E)), N);
  const states = gpu.output<tf.Rank.R4>([G, parts, D, E]);
  const tops = gpu.output<tf.Rank.R3>([G, parts, D]);
  const weights = gpu.output<tf.Rank.R3>([G, parts, D]);
  gpu.run({
    code: tokenSoftmaxProgram({ D, E, keyed: k !== undefined, halves: isHalf(g) }),
    bindings: [
      written("state", states),
      written("tops", tops),
      written("weights", weights),
      quads("g", g),
      quads("v", v),
      ...(k === undefined ? [] : [quads("k", k)]),
    ],
    params: { N, parts, slices, D, E },
    grid: productGrid({ rows: D, columns: E }, G, parts),
  });
  const state = gpu.output<tf.Rank.R3>([G, D, E]);
  const top = gpu.output<tf.Rank.R2>([G, D]);
  const weight = gpu.output<tf.Rank.R2>([G, D]);
  gpu.run({
    code: COMBINE,
    bindings: [
      written("state", state),
      written("topOfAll", top),
      written("weightOfAll", weight),
      readOnly("states", states),
      readOnly("tops", tops),
      readOnly("weights", weights),
    ],
    params: { parts, D, E },
    grid: [Math.ceil((D * E) / 256), G, 1],
  });
  tf.dispose([states, tops, weights]);
  return { state, top, weight };
}

/** s = Σ_i e^{m_i − m} s_i / l with m = max m_i, l = Σ_i e^{m_i − m} l_i. */
const COMBINE = `
${NUMBERS}
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let at = i32(id.x);
  let head = i32(id.y);
  if (at >= params.D * params.E) { return; }
  let d = at / params.E;
  var top = NOTHING;
  for (var i = 0; i < params.parts; i++) { top = max(top, tops[(head * params.parts + i) * params.D + d]); }
  var l = 0.0;
  var s = 0.0;
  for (var i = 0; i < params.parts; i++) {
    let row = (head * params.parts + i) * params.D;
    let keep = exp(tops[row + d] - top);
    l += keep * weights[row + d];
    s += keep * states[row * params.E + at];
  }
  state[head * params.D * params.E + at] = s * inverseWeight(l);
  if (at % params.E == 0) {
    topOfAll[head * params.D + d] = top;
    weightOfAll[head * params.D + d] = l;
  }
}`;

/** 1 / weight, 0 where no token was seen. */
export function inverseWeight(weight: tf.Tensor2D): tf.Tensor2D {
  const empty = tf.cast(tf.equal(weight, 0), "float32");
  return tf.div(tf.sub(1, empty), tf.add(weight, empty));
}

/** q s */
function timesState(gpu: Gpu, q: tf.Tensor3D, state: tf.Tensor3D): tf.Tensor3D {
  const [G, N] = q.shape;
  const E = state.shape[2];
  return product(gpu, {
    batch: G,
    rows: N,
    columns: E,
    inner: widthOf(q),
    a: { kind: "plain", x: q },
    b: { kind: "plain", x: state },
    ...storedAs(gpu, q, [G, N, E]),
  });
}

/** Where a product goes that is to be stored as `like` is. */
function storedAs(gpu: Gpu, like: tf.TensorInfo, shape: readonly [number, number, number]): Pick<Product, "into"> {
  return isHalf(like) ? { into: asTheyAre(outputLike(gpu, like, shape)) } : {};
}

/**
 * dq = do sᵀ, ds = qᵀ do, dg = p ∘ (k ∘ (v dsᵀ) − rowsum(s∘ds)), dv = (p ∘ k) ds, dk = p ∘ (v dsᵀ), p = e^{g − top} / weight. The
 * 1 / weight is put on ds and on the row sums.
 */
function backward(
  gpu: Gpu,
  inputs: AdditiveGlobalInputs & Omit<TokenSoftmaxOutputs, "out">,
  cotangents: StateOutputs,
): KeyedGradients {
  const { q, g, v, k, state, top, weight } = inputs;
  const { G, N, D, E } = sizesOf(inputs);
  const fromOut = product(gpu, {
    batch: G,
    rows: D,
    columns: E,
    inner: N,
    a: { kind: "transposed", x: q },
    b: { kind: "plain", x: cotangents.out },
  });
  const inverse = inverseWeight(weight); // [G, D]
  const dState = tf.mul<tf.Tensor3D>(tf.add(fromOut, cotangents.state), tf.expandDims(inverse, 2)); // [G, D, E]
  const common = tf.sub<tf.Tensor2D>(tf.sum(tf.mul(state, dState), 2), tf.mul(cotangents.lse, inverse)); // [G, D]
  const dq = product(gpu, {
    batch: G,
    rows: N,
    columns: D,
    inner: E,
    a: { kind: "plain", x: cotangents.out },
    b: { kind: "transposed", x: state },
    ...storedAs(gpu, q, [G, N, D]),
  });
  const weights = { kind: "tokenWeights", x: g, top, ...(k === undefined ? {} : { key: k }) } as const;
  const dv = product(gpu, {
    batch: G,
    rows: N,
    columns: E,
    inner: D,
    a: weights,
    b: { kind: "plain", x: dState },
    ...storedAs(gpu, v, [G, N, E]),
  });
  const dg = outputLike(gpu, g, [G, N, D]);
  const dk = k === undefined ? undefined : outputLike(gpu, k, [G, N, D]);
  product(gpu, {
    batch: G,
    rows: N,
    columns: D,
    inner: E,
    a: { kind: "plain", x: v },
    b: { kind: "transposed", x: dState },
    into: {
      outputs: { dg, ...(dk === undefined ? {} : { dk }) },
      bindings: [
        ones("g", g),
        readOnly("top", top),
        readOnly("shift", common),
        ...(k === undefined ? [] : [ones("key", k)]),
      ],
      code: `
  let channel = head * params.N + n;
  let p = weightOf(${oneOf("g", "at", isHalf(g))}, top[channel]);
  ${k === undefined ? "let u = value;" : `made.dk = p * value;\n  let u = ${oneOf("key", "at", isHalf(k))} * value;`}
  made.dg = p * (u - shift[channel]);`,
    },
  });
  return { q: dq, g: dg, v: dv, ...(dk === undefined ? {} : { k: dk }) };
}
