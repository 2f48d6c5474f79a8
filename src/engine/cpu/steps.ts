// One token of a recurrence in plain loops: decoding by the formulas of the other engines' kernels.

import type { FusedKernels } from "../kernels.ts";
import * as tf from "../tf.ts";

/** Tensors of this backend are arrays: reading them waits for nothing. */
const valuesOf = (tensor: tf.Tensor) => tensor.dataSync<"float32">();

/** Of the causal additive recurrence. */
export const additiveStep: NonNullable<FusedKernels["additiveStep"]> = ({ q, g, v, k }, carried) => {
  const [G, D, E] = carried.s.shape;
  const [queries, logits, values] = [valuesOf(q), valuesOf(g), valuesOf(v)];
  const keys = k === undefined ? undefined : valuesOf(k);
  const [m, l, lError, s] = [carried.m, carried.l, carried.lError, carried.s].map(valuesOf) as Float32Array[];
  const made = () => new Float32Array(G * D);
  const next = { m: made(), l: made(), lError: made(), s: new Float32Array(G * D * E) };
  const out = new Float32Array(G * E);
  for (let channel = 0; channel < G * D; channel++) {
    const top = Math.max(m![channel]!, logits[channel]!);
    const keep = Math.exp(m![channel]! - top);
    const added = Math.exp(logits[channel]! - top);
    const sum = (l![channel]! - lError![channel]!) * keep + added;
    next.m[channel] = top;
    next.l[channel] = sum;
    next.lError[channel] = next.l[channel]! - sum; // what float32 could not hold
    const share = sum === 0 ? 0 : added / sum;
    const [query, key, row] = [queries[channel]!, keys?.[channel] ?? 1, Math.floor(channel / D) * E];
    for (let e = 0; e < E; e++) {
      const before = s![channel * E + e]!;
      const after = before + share * (key * values[row + e]! - before);
      next.s[channel * E + e] = after;
      out[row + e]! += query * after;
    }
  }
  return {
    out: tf.tensor4d(out, [v.shape[0]!, v.shape[1]!, 1, E]),
    carried: {
      m: tf.tensor2d(next.m, [G, D]),
      l: tf.tensor2d(next.l, [G, D]),
      lError: tf.tensor2d(next.lError, [G, D]),
      s: tf.tensor3d(next.s, [G, D, E]),
    },
  };
};

/** Of a recurrence with multiplicative decay. */
export const decayStep: NonNullable<FusedKernels["decayStep"]> = ({ q, k, v, state, logDecay }) => {
  const [B, H, D, E] = state.shape as [number, number, number, number];
  const [queries, keys, values, s] = [q, k, v, state].map(valuesOf) as Float32Array[];
  const logs = logDecay === undefined ? undefined : valuesOf(logDecay);
  const placeOf = (channel: number) => {
    const head = Math.floor(channel / D);
    return logDecay?.rank === 4 ? channel : logDecay?.rank === 1 ? head % H : head;
  };
  const [out, next] = [new Float32Array(B * H * E), new Float32Array(B * H * D * E)];
  for (let channel = 0; channel < B * H * D; channel++) {
    const keep = logs === undefined ? 1 : Math.exp(logs[placeOf(channel)]!);
    const [query, key, row] = [queries![channel]!, keys![channel]!, Math.floor(channel / D) * E];
    for (let e = 0; e < E; e++) {
      const after = keep * s![channel * E + e]! + key * values![row + e]!;
      next[channel * E + e] = after;
      out[row + e]! += query * after;
    }
  }
  return { out: tf.tensor4d(out, [B, H, 1, E]), state: tf.tensor4d(next, [B, H, D, E]) };
};
