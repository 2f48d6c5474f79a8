// The definition in float64: one token after the other, one direction after the other.

import type { Inputs, Reference } from "../operator.ts";
import type { OperatorSpec, Shape } from "#case/case";
import { withFeatureMaps } from "./reference-features.ts";
import { scanBackward, scanForward, type ScanGradients } from "./reference-scan.ts";
import { directionsOf, mergeFactor, unsharedInputs } from "./scan-orders.ts";
import type { Scan } from "./scan.ts";

type Arrays = Inputs<Float64Array>;

/** s_t = diag(λ_t) s_{t−1} + k_t v_tᵀ, o_t = s_tᵀ q_t, summed over directions; without decay and order o_t = (Σ k vᵀ)ᵀ q_t. */
const plain: Reference = {
  forward(inputs, spec, shape) {
    const { B, H, N, D, E } = shape;
    const out = new Float64Array(B * H * N * E);
    const state = new Float64Array(B * H * D * E);
    const single = directionsOf(spec, shape).length === 1;
    forEachScan(inputs, spec, shape, (scan, part) => {
      const final = scanForward(scan, out.subarray(part.out, part.out + N * E));
      if (single) state.set(final, part.state);
    });
    return single ? { out, state } : { out };
  },

  backward(inputs, spec, shape, cotangent) {
    const gradients = zeroGradients(inputs);
    forEachScan(inputs, spec, shape, (scan, part) => {
      const at = (name: keyof Arrays, offset: number) => gradients[name]?.subarray(offset);
      const target: ScanGradients = {
        q: at("q", part.q)!,
        k: at("k", part.k),
        v: at("v", part.v)!,
        logDecay: at("logDecay", part.logDecay),
        initialState: at("initialState", part.state),
      };
      const { N, E } = shape;
      scanBackward(scan, cotangent.subarray(part.out, part.out + N * E), target);
    });
    return gradients;
  },
};

/** The same with feature maps on q and k where the spec asks for them. */
export const reference: Reference = withFeatureMaps(plain);

interface Offsets {
  readonly q: number;
  readonly k: number;
  readonly v: number;
  readonly logDecay: number;
  readonly out: number;
  readonly state: number;
}

function forEachScan(
  inputs: Arrays,
  spec: OperatorSpec,
  shape: Shape,
  visit: (scan: Scan, offsets: Offsets) => void,
): void {
  const { B, H, N, D, E } = shape;
  const decay = spec.decay ?? "none";
  const decaySize = { none: 0, constant: 1, scalar: N, vector: N * D }[decay];
  const unshared: readonly string[] = unsharedInputs(spec);
  for (const direction of directionsOf(spec, shape)) {
    const copy = (name: string, size: number) => (unshared.includes(name) ? direction.index * size : 0);
    for (let b = 0; b < B; b++) {
      for (let h = direction.heads[0]; h < direction.heads[1]; h++) {
        const row = b * H + h;
        const decayRow = decay === "constant" ? h : row;
        const decayRows = decay === "constant" ? H : B * H;
        const offsets: Offsets = {
          q: copy("q", B * H * N * D) + row * N * D,
          k: copy("k", B * H * N * D) + row * N * D,
          v: copy("v", B * H * N * E) + row * N * E,
          logDecay: copy("logDecay", decayRows * decaySize) + decayRow * decaySize,
          out: row * N * E,
          state: row * D * E,
        };
        const scan: Scan = {
          N,
          D,
          E,
          q: inputs.q!.subarray(offsets.q),
          k: spec.tiedKey === true ? undefined : inputs.k!.subarray(offsets.k),
          v: inputs.v!.subarray(offsets.v),
          logDecay: decay === "none" ? undefined : inputs.logDecay!.subarray(offsets.logDecay),
          perToken: { none: 0, constant: 0, scalar: 1, vector: D }[decay],
          perChannel: decay === "vector" ? 1 : 0,
          visible: inputs.mask?.subarray(b * N, (b + 1) * N),
          initialState: inputs.initialState?.subarray(offsets.state),
          direction,
          global: !spec.causal && decay === "none",
          factor: mergeFactor(spec),
        };
        visit(scan, offsets);
      }
    }
  }
}

function zeroGradients(inputs: Arrays): Arrays {
  const differentiable = (["q", "k", "v", "logDecay", "initialState"] as const).flatMap((name) => {
    const values = inputs[name];
    return values === undefined ? [] : [[name, new Float64Array(values.length)] as const];
  });
  return Object.fromEntries(differentiable);
}
