// LightNet attention (LNA) as a function of its weights: additive decay, one scan whatever the dimension of the grid.

import type { RunningEngine } from "#engine/engine";
import { widenChannels } from "#encodings/widen";
import * as tf from "#engine/tf";
import { encodedAdditive } from "#ops/additive/encoded";
import type { MixerSpec } from "#case/case";
import { untimed, type AsSegment } from "./segments.ts";
import type { ObserveLogits } from "./token-mixer.ts";
import { loadOperator } from "./mixers/operator.ts";
import { surroundingsOf } from "./mixers/surroundings.ts";
import type { Weights } from "./parameters.ts";
import type { LayerPlace } from "./place.ts";
import { encodeBoth, type RelativeEncoding } from "./positions.ts";

export interface LightNetOptions {
  /** its operator additive, global or causal */
  readonly spec: MixerSpec;
  readonly place: LayerPlace;
  readonly relative: RelativeEncoding;
  readonly observe?: ObserveLogits | undefined;
  readonly asSegment?: AsSegment | undefined;
}

/**
 * x [B, N, C] → [B, N, C]; differentiable, to be called within a tidy. Weights are stored [in, out]: wq, wk, wv, wo [C, C];
 * wu1 [C, C/H]; wu2 [C/H, C].
 */
export type LightNetLayer = (x: tf.Tensor, weights: Weights) => tf.Tensor;

/** q, g [B,H,N,D], v [B,H,N,E] → [B,H,N,E] */
type Attend = (q: tf.Tensor, g: tf.Tensor, v: tf.Tensor) => tf.Tensor;

/**
 * q = SiLU(x Wq), g = x Wk, v = x Wv; o = additive attention with the encoding on q and on the normalised weights;
 * y = (norm(o) ∘ sigmoid(x Wu1 Wu2)) Wo, unless the spec says otherwise.
 *
 * @throws {UsageError} operator and grid do not go together
 * @source Qin et al., arXiv 2405.21022; docs/operators.md for what is declared where public code differs
 */
export async function lightNetAttention(options: LightNetOptions, engine: RunningEngine): Promise<LightNetLayer> {
  const { spec, place, observe, asSegment = untimed } = options;
  const attend = await loadAttend(options, engine);
  return (x, own) => {
    const { project, finish } = surroundingsOf(spec, place, { own, asSegment });
    const [q, g, v] = [project(x, "q"), project(x, "k"), project(x, "v")];
    observe?.(place.layer, g);
    return finish(x, attend(q, g, v), v);
  };
}

async function loadAttend(
  { spec: { operator }, place, relative, asSegment = untimed }: LightNetOptions,
  engine: RunningEngine,
): Promise<Attend> {
  const D = place.width / place.heads;
  if (relative.isIdentity) {
    const run = await loadOperator(operator, place, D, engine);
    return (q, g, v) => asSegment("operator", () => run({ q, g, v }));
  }
  if (operator.causal) {
    const rotates = relative.widening === 1;
    const keyWidth = (rotates ? 2 : relative.widening) * D;
    const run = await loadOperator({ ...operator, explicitKey: true }, place, keyWidth, engine);
    const placed = rotates ? causalRotary(relative) : causalCosine(relative);
    return (q, g, v) => {
      const inputs = asSegment("encoding", () => placed(q, g));
      return asSegment("operator", () => run({ ...inputs, v }));
    };
  }
  const { additiveEncoded } = engine.kernels;
  const { cosineTable } = relative;
  if (additiveEncoded !== undefined && cosineTable !== undefined)
    return (q, g, v) => asSegment("operator", () => encodedAdditive(additiveEncoded, { q, g, v }, cosineTable));
  // The global weights are a softmax over the tokens; encoded, they are summed without any decay.
  const run = await loadOperator(
    { op: "multiplicative", causal: false, decay: "none" },
    place,
    D * relative.widening,
    engine,
  );
  return (q, g, v) => {
    const weights = asSegment("normaliser", () => softmaxOverTokens(g));
    const inputs = asSegment("encoding", () => encodeBoth(relative, q, weights));
    return asSegment("operator", () => run({ ...inputs, v }));
  };
}

/** What the causal operator is given beside v. */
type Placed = (q: tf.Tensor, g: tf.Tensor) => Readonly<Record<"q" | "g" | "k", tf.Tensor>>;

/** Causal weights are normalised step by step, so the encoding multiplies them as a key: of all channels g twice, k = [cos a ; sin a]. */
function causalCosine(relative: RelativeEncoding): Placed {
  return (q, g) => ({
    q: relative.encode(q),
    g: widenChannels(g, relative.widening),
    k: relative.encode(tf.onesLike(g)),
  });
}

/**
 * A rotation mixes two channels, whose weights are normalised apart: ⟨r, R(a)p⟩ with r the rotated query is written as
 * four products of one channel each, p₁(r₁cos a + r₂sin a) + p₂(r₂cos a − r₁sin a).
 */
function causalRotary(relative: RelativeEncoding): Placed {
  return (q, g) => {
    const [r1, r2] = tf.split(relative.encode(q), 2, 3) as [tf.Tensor, tf.Tensor];
    const ones = tf.onesLike(r1);
    const [cos, sin] = tf.split(relative.encode(tf.concat([ones, tf.zerosLike(ones)], 3)), 2, 3) as [
      tf.Tensor,
      tf.Tensor,
    ];
    return {
      q: tf.concat([r1, r2, r2, r1], 3),
      g: tf.concat([g, g], 3),
      k: tf.concat([cos, cos, sin, tf.neg(sin)], 3),
    };
  };
}

/** p = softmax of g over the tokens, per channel: [B,H,N,D] → the same. dg = p ∘ (dp − Σ_tokens p∘dp). */
export function softmaxOverTokens(g: tf.Tensor): tf.Tensor {
  return softmaxOp(g);
}

const softmaxOp = tf.customGrad((...args: unknown[]) => {
  const [g, save] = args as [tf.Tensor, tf.GradSaveFunc];
  const weights = tf.exp(tf.sub(g, tf.max(g, 2, true)));
  const p = tf.div(weights, sumOverTokens(weights));
  save([p]);
  const gradFunc = (dp: tf.Tensor, [saved]: tf.Tensor[]): tf.Tensor => {
    const shares = tf.mul(saved!, dp);
    return tf.sub(shares, tf.mul(saved!, sumOverTokens(shares)));
  };
  return { value: p, gradFunc: gradFunc as never };
}) as (g: tf.Tensor) => tf.Tensor;

/** Tokens summed in blocks: one long float32 sum loses digits with every term. */
function sumOverTokens(x: tf.Tensor): tf.Tensor {
  const [B, H, N, D] = x.shape as [number, number, number, number];
  if (N <= BLOCK || N % BLOCK !== 0) return tf.sum(x, 2, true);
  const blocks = tf.sum(tf.reshape(x, [(B * H * N) / BLOCK, BLOCK, D]), 1);
  return sumOverTokens(tf.reshape(blocks, [B, H, N / BLOCK, D]));
}

const BLOCK = 64;
