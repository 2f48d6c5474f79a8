// What surrounds the operator in a mixer's layer, with the meaning of absent fields filled in: one place for both the
// weights and the layer that runs.

import type { MixerSpec, OperatorSpec } from "#case/case";

export interface Layer {
  readonly queryActivation: "identity" | "silu";
  readonly keyActivation: "identity" | "silu";
  readonly valueActivation: "identity" | "silu";
  readonly norm: "layer" | "rms" | "none";
  readonly normOver: "channels" | "head";
  readonly normGain: boolean;
  readonly gate: "none" | "sigmoid-low-rank" | "silu";
  readonly gateOrder: "norm-first" | "gate-first";
  /** taps on a line; undefined: no filter */
  readonly convolution: number | undefined;
  readonly skip: boolean;
  readonly keyStart: number;
}

/** LightNet's layer of schema 1, which its linear rivals had as well. */
const LINEAR: Layer = {
  queryActivation: "silu",
  keyActivation: "identity",
  valueActivation: "identity",
  norm: "layer",
  normOver: "channels",
  normGain: false,
  gate: "sigmoid-low-rank",
  gateOrder: "norm-first",
  convolution: undefined,
  skip: false,
  keyStart: 1,
};

const BARE: Layer = { ...LINEAR, queryActivation: "identity", norm: "none", gate: "none" };

function defaultsOf({ op, decay = "none", feature, normalised = false }: OperatorSpec): Layer {
  switch (op) {
    case "additive":
      return LINEAR;
    case "softmax":
    case "matmul": // refused as a mixer when a case is read
    case "module":
      return BARE;
    case "efficient-attention":
      return { ...LINEAR, queryActivation: "identity" };
    case "multiplicative":
      return {
        ...LINEAR,
        // A denominator needs φ on both sides; without one φ stands on the keys alone, and the queries stay LightNet's.
        queryActivation: normalised ? "identity" : "silu",
        // Keys of RetNet and GLA are linear; a feature map is an activation of its own.
        keyActivation: decay === "scalar" || (decay === "none" && feature === undefined) ? "silu" : "identity",
      };
  }
}

/** The layer that a spec asks for. */
export function layerOf(spec: MixerSpec): Layer {
  const defaults = defaultsOf(spec.operator);
  const names = [...Object.keys(defaults), "convolution"] as (keyof Layer & keyof MixerSpec)[];
  const given = names.flatMap((name) => (spec[name] === undefined ? [] : [[name, spec[name]] as const]));
  return { ...defaults, ...Object.fromEntries(given) };
}
