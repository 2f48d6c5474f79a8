// Feature maps of plain linear attention: what stands in the place of the exponential of softmax attention.

import * as tf from "#engine/tf";
import type { FeatureMap, OperatorSpec } from "#case/case";
import type { Inputs } from "../operator.ts";
import { withGradient } from "../with-gradient.ts";

/** Far below any logit, and finite: a hidden token must not make ∞ − ∞. */
const HIDDEN = -1e30;
/** Least positive number that float32 holds with all its digits. */
const SMALLEST = 1.1754944e-38;

type Map = (x: tf.Tensor) => tf.Tensor;

const FORWARD: Readonly<Record<FeatureMap, Map>> = {
  identity: (x) => x.clone(),
  relu: (x) => tf.maximum(x, 0),
  "elu+1": (x) => tf.add(tf.maximum(x, 0), tf.exp(tf.minimum(x, 0))),
  exp: (x) => tf.exp(x),
};

const SLOPE: Readonly<Record<FeatureMap, Map>> = {
  identity: (x) => tf.onesLike(x),
  relu: (x) => tf.step(x),
  "elu+1": (x) => tf.exp(tf.minimum(x, 0)),
  exp: (x) => tf.exp(x),
};

/** φ(x), entry by entry, in the shape of x: x, max(x, 0), max(x, 0) + e^{min(x, 0)} (that is elu(x) + 1), or e^x. */
export function featuresOf(x: tf.Tensor, feature: FeatureMap): tf.Tensor {
  if (feature === "identity") return x;
  return withGradient({
    inputs: { x },
    forward: () => ({ outputs: { out: FORWARD[feature](x) }, saved: { x } }),
    backward: ({ out }, { x: saved }) => ({ x: tf.mul(out, SLOPE[feature](saved!)) }),
  }).out;
}

/** q and k as the operator without features takes them; the mask stays for the sum, which it hides keys from. */
export function withFeatures(inputs: Inputs<tf.Tensor>, { feature, normalised }: OperatorSpec): Inputs<tf.Tensor> {
  if (feature === undefined) return inputs;
  const [q, k] = [inputs.q!, inputs.k!];
  return normalised === true
    ? { ...inputs, ...normalisedFeatures(q, k, feature, inputs.mask) }
    : { ...inputs, k: featuresOf(k, feature) };
}

/**
 * q̃ and k̃ [B,H,N,D] with q̃ᵀ Σ_j k̃_j v_jᵀ = φ(q)ᵀ Σ_j φ(k_j) v_jᵀ / φ(q)ᵀ Σ_j φ(k_j), over the visible tokens. The
 * denominator is shared out over both before anything is multiplied, so that it neither overflows nor vanishes; a token
 * whose denominator is 0 (ReLU alone) gives 0.
 *
 * @param mask [B, N], 1 visible
 */
export function normalisedFeatures(
  q: tf.Tensor,
  k: tf.Tensor,
  feature: FeatureMap,
  mask?: tf.Tensor,
): { readonly q: tf.Tensor; readonly k: tf.Tensor } {
  const [B, , N] = k.shape as [number, number, number, number];
  const visible = mask === undefined ? undefined : tf.reshape(tf.cast(mask, "float32"), [B, 1, N, 1]);
  if (feature === "relu" || feature === "identity")
    return dividedFeatures(featuresOf(q, feature), featuresOf(k, feature), visible);
  return logFeatures(logOf(q, feature), logOf(k, feature), visible);
}

/** Features of any size but never tiny: divided as they are. */
function dividedFeatures(q: tf.Tensor, k: tf.Tensor, visible: tf.Tensor | undefined) {
  const shown = visible === undefined ? k : tf.mul(k, visible);
  const denominator = tf.sum(tf.mul(q, tf.sum(shown, 2, true)), 3, true); // [B, H, N, 1]
  const isZero = tf.sub(1, tf.step(denominator));
  return { q: tf.div(q, tf.add(denominator, isZero)), k };
}

/** log φ of positive features: x, or log(1 + x) above 0 for elu + 1. */
function logOf(x: tf.Tensor, feature: "elu+1" | "exp"): tf.Tensor {
  if (feature === "exp") return x;
  return withGradient({
    inputs: { x },
    forward: () => ({ outputs: { out: tf.add(tf.minimum(x, 0), tf.log1p(tf.maximum(x, 0))) }, saved: { x } }),
    backward: ({ out }, { x: saved }) => ({ x: tf.div(out, tf.add(1, tf.maximum(saved!, 0))) }),
  }).out;
}

/**
 * With z = log Σ_j e^{b_j} per channel: k̃ = e^{b − z}, q̃ = softmax over the channels of a + z. Gradients
 * da = q̃ ∘ (dq̃ − Σ_d q̃ ∘ dq̃), db = k̃ ∘ (dk̃ − Σ_j k̃_j ∘ dk̃_j + Σ_t da_t).
 */
function logFeatures(a: tf.Tensor, b: tf.Tensor, visible: tf.Tensor | undefined) {
  return withGradient({
    inputs: { a, b },
    forward: () => {
      const shown = visible === undefined ? b : tf.add(tf.mul(b, visible), tf.mul(tf.sub(1, visible), HIDDEN));
      const top = tf.max(shown, 2, true);
      const raised = tf.exp(tf.sub(shown, top));
      const weights = visible === undefined ? raised : tf.mul(raised, visible);
      const total = tf.maximum(tf.sum(weights, 2, true), SMALLEST);
      const q = tf.softmax(tf.add(a, tf.add(top, tf.log(total))));
      const k = tf.div(weights, total);
      return { outputs: { q, k }, saved: { q, k } };
    },
    backward: ({ q: dq, k: dk }, saved) => {
      const [q, k] = [saved["q"]!, saved["k"]!];
      const shares = tf.mul(q, dq);
      const da = tf.sub(shares, tf.mul(q, tf.sum(shares, 3, true)));
      const inner = tf.sub(tf.sum(da, 2, true), tf.sum(tf.mul(k, dk), 2, true));
      return { a: da, b: tf.mul(k, tf.add(dk, inner)) };
    },
  });
}
