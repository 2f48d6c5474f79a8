// Feature maps in float64: features first, then the sums as they are defined; a denominator is one more column of v.

import type { FeatureMap, OperatorSpec, Shape } from "#case/case";
import type { Inputs, Reference } from "../operator.ts";

type Arrays = Inputs<Float64Array>;

const VALUE: Readonly<Record<FeatureMap, (x: number) => number>> = {
  identity: (x) => x,
  relu: (x) => Math.max(x, 0),
  "elu+1": (x) => (x > 0 ? x + 1 : Math.exp(x)),
  exp: Math.exp,
};

const SLOPE: Readonly<Record<FeatureMap, (x: number) => number>> = {
  identity: () => 1,
  relu: (x) => (x > 0 ? 1 : 0),
  "elu+1": (x) => (x > 0 ? 1 : Math.exp(x)),
  exp: Math.exp,
};

/** φ on k; with a denominator φ on q too, o_t = (φ(q_t)ᵀ Σ φ(k_j) v_jᵀ) / (φ(q_t)ᵀ Σ φ(k_j)), 0 where that is 0. */
export function withFeatureMaps(plain: Reference): Reference {
  return {
    forward(inputs, spec, shape) {
      if (spec.feature === undefined) return plain.forward(inputs, spec, shape);
      if (spec.normalised !== true) return plain.forward(mapped(inputs, spec), spec, shape);
      return { out: divided(plain, inputs, spec, shape).out };
    },

    backward(inputs, spec, shape, cotangent) {
      if (spec.feature === undefined) return plain.backward(inputs, spec, shape, cotangent);
      if (spec.normalised !== true)
        return chained(plain.backward(mapped(inputs, spec), spec, shape, cotangent), inputs, spec);
      const { E } = shape;
      const { out, denominators } = divided(plain, inputs, spec, shape);
      // d numerator = do / den, d denominator = −do·o / den, and nothing where the denominator is 0.
      const wide = new Float64Array(denominators.length * (E + 1));
      denominators.forEach((denominator, row) => {
        if (denominator === 0) return;
        for (let e = 0; e < E; e++) {
          const share = cotangent[row * E + e]! / denominator;
          wide[row * (E + 1) + e] = share;
          wide[row * (E + 1) + E]! -= share * out[row * E + e]!;
        }
      });
      const gradients = plain.backward(
        { ...mapped(inputs, spec), v: withOnes(inputs.v!, E) },
        spec,
        { ...shape, E: E + 1 },
        wide,
      );
      return chained({ ...gradients, v: gradients.v!.filter((_, i) => i % (E + 1) !== E) }, inputs, spec);
    },
  };
}

function mapped(inputs: Arrays, { feature, normalised }: OperatorSpec): Arrays {
  const value = VALUE[feature!];
  return { ...inputs, k: inputs.k!.map(value), ...(normalised === true ? { q: inputs.q!.map(value) } : {}) };
}

/** Gradients of features → of what the features are of. */
function chained(gradients: Arrays, inputs: Arrays, { feature, normalised }: OperatorSpec): Arrays {
  const slope = SLOPE[feature!];
  const through = (gradient: Float64Array, x: Float64Array) => gradient.map((value, i) => value * slope(x[i]!));
  return {
    ...gradients,
    k: through(gradients.k!, inputs.k!),
    ...(normalised === true ? { q: through(gradients.q!, inputs.q!) } : {}),
  };
}

function divided(
  plain: Reference,
  inputs: Arrays,
  spec: OperatorSpec,
  shape: Shape,
): { readonly out: Float64Array; readonly denominators: Float64Array } {
  const { E } = shape;
  const wide = plain.forward({ ...mapped(inputs, spec), v: withOnes(inputs.v!, E) }, spec, { ...shape, E: E + 1 }).out;
  const denominators = wide.filter((_, i) => i % (E + 1) === E);
  const numerators = wide.filter((_, i) => i % (E + 1) !== E);
  const out = numerators.map((value, i) => {
    const denominator = denominators[Math.floor(i / E)]!;
    return denominator === 0 ? 0 : value / denominator;
  });
  return { out, denominators };
}

/** Rows of v with a 1 at the end: their weighted sum is the sum of the weights. */
function withOnes(v: Float64Array, E: number): Float64Array {
  const wide = new Float64Array((v.length / E) * (E + 1)).fill(1);
  v.forEach((value, i) => (wide[Math.floor(i / E) * (E + 1) + (i % E)] = value));
  return wide;
}
