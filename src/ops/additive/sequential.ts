// Strategy `sequential`: one token at a time, as decoding does. Many small kernels; holds one state.

import * as tf from "#engine/tf";
import { inverseWeight } from "./causal.ts";
import type { CausalAlgorithm, CausalInputs } from "./causal.ts";

/**
 * What is carried from token to token, per channel: running maximum m, l = Σ e^{g−m} with its rounding error (Kahan), and
 * the normalised state s. l never becomes a logarithm on the way: iterating logaddexp drifts. With the rounding error
 * of s carried as well, thousands of tokens cost no digits; decoding does without (1e-5 after 8192 tokens).
 */
export interface Carried {
  readonly m: tf.Tensor2D; // [BH, D]
  readonly l: tf.Tensor2D; // [BH, D]
  readonly lError: tf.Tensor2D; // [BH, D], to be subtracted from l
  readonly s: tf.Tensor3D; // [BH, D, E]
  readonly sError?: tf.Tensor3D; // [BH, D, E], to be subtracted from s
}

export interface Token {
  readonly g: tf.Tensor2D; // [BH, D]
  readonly v: tf.Tensor2D; // [BH, E]
  readonly k?: tf.Tensor2D; // [BH, D]
}

export function startCarried({ top0, weight0, state0 }: Pick<CausalInputs, "top0" | "weight0" | "state0">): Carried {
  return { m: top0, l: weight0, lError: tf.zerosLike(weight0), s: tf.mul(state0, tf.expandDims(weight0, 2)) };
}

/** One token: s ← s + b∘(k vᵀ − s), b = e^{g−m}/l. */
export function advance({ m, l, lError, s, sError }: Carried, { g, v, k }: Token): Carried {
  const top = tf.maximum(m, g) as tf.Tensor2D;
  const keep = tf.exp(tf.sub(m, top));
  const added = tf.exp(tf.sub(g, top));
  const kept = tf.mul(l, keep);
  const corrected = tf.sub(added, tf.mul(lError, keep));
  const sum = tf.add(kept, corrected) as tf.Tensor2D;
  const share = tf.expandDims(tf.mul(added, inverseWeight(sum)), 2); // [BH, D, 1]
  const value = tf.expandDims(v, 1); // [BH, 1, E]
  const key = k === undefined ? value : tf.mul(tf.expandDims(k, 2), value); // [BH, 1 or D, E]
  const sums = { m: top, l: sum, lError: tf.sub(tf.sub(sum, kept), corrected) as tf.Tensor2D };
  const step = tf.mul(share, tf.sub(key, s));
  if (sError === undefined) return { ...sums, s: tf.add(s, step) };
  const exactStep = tf.sub(step, sError);
  const next: tf.Tensor3D = tf.add(s, exactStep);
  return { ...sums, s: next, sError: tf.sub(tf.sub(next, s), exactStep) };
}

/** s_t ↦ q_tᵀ s_t, [BH,1,E]. */
export function read(s: tf.Tensor3D, q: tf.Tensor2D): tf.Tensor3D {
  return tf.matMul(tf.expandDims(q, 1) as tf.Tensor3D, s);
}

interface Tokens {
  readonly q: tf.Tensor2D[];
  readonly g: tf.Tensor2D[];
  readonly v: tf.Tensor2D[];
  readonly k: tf.Tensor2D[] | undefined;
}

function tokensOf({ q, g, v, k }: CausalInputs): Tokens {
  // Slices of the first axis are contiguous, the only ones that are fast everywhere.
  const list = (x: tf.Tensor3D) => tf.unstack(tf.transpose(x, [1, 0, 2])) as tf.Tensor2D[];
  return { q: list(q), g: list(g), v: list(v), k: k === undefined ? undefined : list(k) };
}

function tokenAt({ g, v, k }: Tokens, t: number): Token {
  return { g: g[t]!, v: v[t]!, ...(k === undefined ? {} : { k: k[t]! }) };
}

/** Advances over all tokens; `each` sees the state after a token and returns tensors to keep. */
function run<T extends tf.TensorContainer>(
  inputs: CausalInputs,
  tokens: Tokens,
  each: (carried: Carried, t: number) => T,
): { kept: T[]; final: Carried } {
  let carried: Carried = { ...startCarried(inputs), sError: tf.zerosLike(inputs.state0) };
  const kept: T[] = [];
  for (let t = 0; t < tokens.g.length; t++) {
    const [next, result] = tf.tidy(() => {
      const after = advance(carried, tokenAt(tokens, t));
      return [after as unknown as tf.TensorContainer, each(after, t)];
    }) as unknown as [Carried, T];
    if (t > 0) tf.dispose(carried as unknown as tf.TensorContainer);
    carried = next;
    kept.push(result);
  }
  return { kept, final: carried };
}

export const sequentialAlgorithm: CausalAlgorithm = {
  forward(inputs) {
    const tokens = tokensOf(inputs);
    const { kept, final } = run(inputs, tokens, ({ s }, t) => read(s, tokens.q[t]!));
    return { out: tf.concat(kept, 1), state: final.s, lse: tf.add(final.m, tf.log(final.l)), saved: {} };
  },

  backward(inputs, _saved, cotangents) {
    const tokens = tokensOf(inputs);
    const dOut = tf.unstack(tf.transpose(cotangents.out, [1, 0, 2])) as tf.Tensor2D[];
    const { kept, final } = run(inputs, tokens, ({ m, l, s }, t) => ({
      m: m.clone(),
      inverse: inverseWeight(l),
      dq: tf.squeeze(tf.matMul(s, tf.expandDims(dOut[t]!, 2)), [2]) as tf.Tensor2D, // [BH, D]
    }));
    const inverse = inverseWeight(final.l);
    // R and y are relative to the running maximum of the token that they have reached.
    let R: tf.Tensor3D = tf.mul(cotangents.state, tf.expandDims(inverse, 2));
    let y: tf.Tensor2D = tf.mul(tf.sub(tf.sum(tf.mul(cotangents.state, final.s), 2), cotangents.lse), inverse);
    let m = final.m;
    const dg: tf.Tensor[] = [];
    const dk: tf.Tensor[] = [];
    const dv: tf.Tensor[] = [];
    for (let t = kept.length - 1; t >= 0; t--) {
      const at = kept[t]!;
      const k = tokens.k?.[t];
      const gradients = tf.tidy(() => {
        const keep = tf.exp(tf.sub(at.m, m));
        const query = tf.mul(tokens.q[t]!, at.inverse);
        const nextR = tf.add(
          tf.mul(R, tf.expandDims(keep, 2)),
          tf.mul(tf.expandDims(query, 2), tf.expandDims(dOut[t]!, 1)),
        );
        const nextY = tf.add(tf.mul(y, keep), tf.mul(query, at.dq));
        const weight = tf.exp(tf.sub(tokens.g[t]!, at.m));
        const u = tf.mul(weight, tf.squeeze(tf.matMul(nextR, tf.expandDims(tokens.v[t]!, 2)), [2])); // [BH, D]
        const dvT = tf.matMul(tf.expandDims(k === undefined ? weight : tf.mul(weight, k), 1), nextR); // [BH, 1, E]
        return { R: nextR, y: nextY, u, g: tf.sub(k === undefined ? u : tf.mul(k, u), tf.mul(weight, nextY)), v: dvT };
      });
      tf.dispose([R, y]);
      R = gradients.R as tf.Tensor3D;
      y = gradients.y as tf.Tensor2D;
      m = at.m;
      dg.push(gradients.g);
      dk.push(gradients.u);
      dv.push(gradients.v);
    }
    for (const list of [dg, dk, dv]) list.reverse();
    const keep = tf.mul(tf.exp(tf.sub(inputs.top0, m)), inputs.weight0); // [BH, D]
    const initialState = tf.mul(R, tf.expandDims(keep, 2));
    return {
      q: tf.stack(
        kept.map(({ dq }) => dq),
        1,
      ),
      g: tf.stack(dg, 1),
      v: tf.concat(dv, 1),
      k: tf.stack(dk, 1),
      initialState,
      initialLse: tf.sub(tf.sum(tf.mul(inputs.state0, initialState), 2), tf.mul(y, keep)),
    };
  },
};
