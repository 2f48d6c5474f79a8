// The global form: p = softmax of g over the tokens, per channel. Strategy `global` is q(pᵀv), linear in N;
// `global-pairwise` is (q pᵀ)v, cheaper when N < 2DE/(D+E), and never forms the state.

import * as tf from "#engine/tf";
import type { OperatorSpec, Shape } from "#case/case";
import { mergeHeads } from "../heads.ts";
import type { Inputs, Outputs } from "../operator.ts";
import { differentiableOf, withGradient, type TensorMap } from "../with-gradient.ts";
import { hidePadding, inverseWeight, NOTHING } from "./causal.ts";
import { CHUNK } from "./cost.ts";

interface Weights {
  readonly p: tf.Tensor3D; // [BH, N, D]
  readonly m: tf.Tensor3D; // [BH, 1, D]
  readonly l: tf.Tensor3D; // [BH, 1, D]
}

/** Softmax over the tokens; all 0 where no token is visible. */
function weightsOf(inputs: Inputs<tf.Tensor>, H: number): Weights {
  const g = hidePadding(mergeHeads(inputs.g!), inputs.mask, H);
  const m = tf.maximum(tf.max(g, 1, true), NOTHING) as tf.Tensor3D;
  const weight = tf.exp(tf.sub(g, m)) as tf.Tensor3D;
  const l = sumInBlocks(weight);
  return { p: tf.mul(weight, inverseWeight(l)), m, l };
}

/** Sum over axis 1, kept, in blocks: one long float32 sum loses digits with every term. */
function sumInBlocks(x: tf.Tensor3D): tf.Tensor3D {
  const [G, N, D] = x.shape;
  if (N <= CHUNK) return tf.sum(x, 1, true);
  const whole = N - (N % CHUNK);
  const blocks = tf.sum(tf.reshape(tf.slice(x, [0, 0, 0], [G, whole, D]), [(G * whole) / CHUNK, CHUNK, D]), 1);
  const sum = sumInBlocks(tf.reshape(blocks, [G, whole / CHUNK, D]));
  return whole === N ? sum : tf.add(sum, tf.sum(tf.slice(x, [0, whole, 0], [G, N - whole, D]), 1, true));
}

export function runGlobal(
  inputs: Inputs<tf.Tensor>,
  _spec: OperatorSpec,
  { B, H, N, D, E }: Shape,
): Outputs<tf.Tensor> {
  return withGradient({
    inputs: differentiableOf(inputs),
    forward: () => {
      const { p, m, l } = weightsOf(inputs, H);
      const keys = inputs.k === undefined ? p : tf.mul(p, mergeHeads(inputs.k));
      const state = tf.matMul(keys, mergeHeads(inputs.v!), true); // [BH, D, E]
      const out = tf.matMul(mergeHeads(inputs.q!), state); // [BH, N, E]
      const lse = tf.reshape(tf.add(m, tf.log(l)), [B, H, D]);
      return {
        outputs: { out: tf.reshape(out, [B, H, N, E]), state: tf.reshape(state, [B, H, D, E]), lse },
        saved: { ...(inputs as TensorMap), state },
      };
    },
    backward: (cotangents, saved) => {
      const { p } = weightsOf(saved as Inputs<tf.Tensor>, H);
      const k = saved["k"] === undefined ? undefined : mergeHeads(saved["k"]);
      const state = saved["state"] as tf.Tensor3D;
      const dOut = mergeHeads(cotangents.out);
      const dState = tf.add(
        tf.matMul(mergeHeads(saved["q"]!), dOut, true),
        mergeHeads(cotangents.state),
      ) as tf.Tensor3D; // [BH, D, E]
      const u = tf.mul(p, tf.matMul(mergeHeads(saved["v"]!), dState, false, true)); // [BH, N, D]
      const common = tf.sub(
        tf.reshape(tf.sum(tf.mul(state, dState), 2), [B * H, 1, D]),
        tf.reshape(cotangents.lse, [B * H, 1, D]),
      );
      return restored(inputs, {
        q: tf.matMul(dOut, state, false, true),
        g: tf.sub(k === undefined ? u : tf.mul(k, u), tf.mul(p, common)),
        v: tf.matMul(k === undefined ? p : tf.mul(p, k), dState),
        k: u,
      });
    },
  });
}

export function runGlobalPairwise(
  inputs: Inputs<tf.Tensor>,
  _spec: OperatorSpec,
  { B, H, N, E }: Shape,
): Outputs<tf.Tensor> {
  return withGradient({
    inputs: differentiableOf(inputs),
    forward: () => {
      const { p } = weightsOf(inputs, H);
      const keys = inputs.k === undefined ? p : tf.mul(p, mergeHeads(inputs.k));
      const scores = tf.matMul(mergeHeads(inputs.q!), keys, false, true); // [BH, N, N]
      return {
        outputs: { out: tf.reshape(tf.matMul(scores, mergeHeads(inputs.v!)), [B, H, N, E]) },
        saved: inputs as TensorMap,
      };
    },
    backward: (cotangents, saved) => {
      const { p } = weightsOf(saved as Inputs<tf.Tensor>, H);
      const k = saved["k"] === undefined ? undefined : mergeHeads(saved["k"]);
      const keys = k === undefined ? p : tf.mul(p, k);
      const q = mergeHeads(saved["q"]!);
      const dOut = mergeHeads(cotangents.out);
      const pairs = tf.matMul(dOut, mergeHeads(saved["v"]!), false, true); // [BH, t, j], do_t·v_j
      const u = tf.mul(p, tf.matMul(pairs, q, true)) as tf.Tensor3D; // [BH, N, D]
      const keyed = k === undefined ? u : (tf.mul(k, u) as tf.Tensor3D);
      return restored(inputs, {
        q: tf.matMul(pairs, keys),
        g: tf.sub(keyed, tf.mul(p, sumInBlocks(keyed))),
        v: tf.matMul(tf.matMul(q, keys, false, true), dOut, true),
        k: u,
      });
    },
  });
}

/** Gradients of the inputs that were given, in their shapes. */
function restored(
  inputs: Inputs<tf.Tensor>,
  gradients: { readonly [Name in "q" | "g" | "v" | "k"]: tf.Tensor },
): TensorMap {
  const names = (["q", "g", "v", "k"] as const).filter((name) => inputs[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, tf.reshape(gradients[name], inputs[name]!.shape)]));
}
