// Additive decay as the definition: plain loops, float64, no tensor library. Slow on purpose; every strategy
// in this folder is tested against it.

import type { Inputs, Outputs, Reference } from "../operator.ts";
import type { OperatorSpec, Shape } from "#case/case";
import { backwardCausal, forwardCausal } from "./reference-causal.ts";
import { backwardGlobal, forwardGlobal } from "./reference-global.ts";
import type { Head } from "./head.ts";

/**
 * Causal: z_t = logaddexp(z_{t−1}, g_t), s_t = e^{z_{t−1}−z_t} s_{t−1} + e^{g_t−z_t} k_t v_tᵀ, o_t = s_tᵀ q_t.
 * Global: s = Σ_j softmax_over_tokens(g)_j k_j v_jᵀ, o_t = sᵀ q_t. k is 1 unless given.
 *
 * @source LightNet, arXiv:2405.21022
 */
export const additiveReference: Reference = {
  forward(inputs, spec, shape): Outputs<Float64Array> {
    const { B, H, N, D, E } = shape;
    const out = new Float64Array(B * H * N * E);
    const state = new Float64Array(B * H * D * E);
    const lse = new Float64Array(B * H * D);
    for (let head = 0; head < B * H; head++) {
      const result = (spec.causal ? forwardCausal : forwardGlobal)(headOf(inputs, spec, shape, head), shape);
      out.set(result.out, head * N * E);
      state.set(result.state, head * D * E);
      lse.set(result.lse, head * D);
    }
    return { out, state, lse };
  },

  backward(inputs, spec, shape, cotangent): Inputs<Float64Array> {
    const { B, H, N, E } = shape;
    const names = (["q", "g", "v", "k", "initialState", "initialLse"] as const).filter(
      (name) => inputs[name] !== undefined,
    );
    const gradients = Object.fromEntries(names.map((name) => [name, new Float64Array(inputs[name]!.length)]));
    for (let head = 0; head < B * H; head++) {
      const backward = spec.causal ? backwardCausal : backwardGlobal;
      const ofHead = backward(
        headOf(inputs, spec, shape, head),
        shape,
        cotangent.subarray(head * N * E, (head + 1) * N * E),
      );
      for (const name of names) gradients[name]!.set(ofHead[name], head * ofHead[name].length);
    }
    return gradients;
  },
};

/** Slices out a head; padding becomes g = −∞, and the initial values are spelt out. */
function headOf(inputs: Inputs<Float64Array>, spec: OperatorSpec, { N, D, E, H }: Shape, head: number): Head {
  const part = (x: Float64Array, size: number) => x.subarray(head * size, (head + 1) * size);
  const g = part(inputs.g!, N * D).slice();
  if (inputs.mask !== undefined) {
    const mask = inputs.mask.subarray(Math.floor(head / H) * N);
    for (let i = 0; i < N * D; i++) if (mask[Math.floor(i / D)] === 0) g[i] = -Infinity;
  }
  return {
    q: part(inputs.q!, N * D),
    g,
    v: part(inputs.v!, N * E),
    ...(inputs.k === undefined ? {} : { k: part(inputs.k, N * D) }),
    state0: inputs.initialState === undefined ? new Float64Array(D * E) : part(inputs.initialState, D * E),
    lse0:
      inputs.initialLse === undefined
        ? new Float64Array(D).fill(spec.initialLse === "zero" ? 0 : -Infinity)
        : part(inputs.initialLse, D),
  };
}
