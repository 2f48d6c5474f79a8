// MD-TPE with a whole encoding for each axis, in float64 as it is defined: filter, RMSNorm with gain, projection, summed.

import { tokensOf, type Place } from "./place.ts";
import { toeplitzReference, type ToeplitzArrays } from "./toeplitz-reference.ts";

const NORM_EPSILON = 1e-6; // a part of the definition

/** x [B, N, C]; q, k, gain [axes, C]; logDecay [axes, heads], log λ; projection [axes, C, C] */
export interface AxisTpeArrays extends ToeplitzArrays {
  readonly gain: Float64Array;
  readonly projection: Float64Array;
}

export interface AxisTpeLayout {
  readonly B: number;
  readonly C: number;
  readonly heads: number;
  readonly place: Place;
}

export const axisTpeReference = {
  forward(arrays: AxisTpeArrays, layout: AxisTpeLayout): Float64Array {
    const { C } = layout;
    const out = new Float64Array(arrays.x.length);
    for (const axis of layout.place.grid.keys()) {
      const { normed } = normedAxis(arrays, layout, axis);
      const W = arrays.projection.subarray(axis * C * C);
      for (let at = 0; at < out.length; at++) {
        const first = at - (at % C);
        for (let c = 0; c < C; c++) out[at]! += normed[first + c]! * arrays.gain[axis * C + c]! * W[c * C + (at % C)]!;
      }
    }
    return out;
  },

  backward(arrays: AxisTpeArrays, layout: AxisTpeLayout, cotangent: Float64Array): AxisTpeArrays {
    const { C } = layout;
    const zeros = (values: Float64Array) => new Float64Array(values.length);
    const { x, q, k, logDecay, gain, projection } = arrays;
    const gradients = {
      ...{ x: zeros(x), q: zeros(q), k: zeros(k), logDecay: zeros(logDecay) },
      ...{ gain: zeros(gain), projection: zeros(projection) },
    };
    for (const axis of layout.place.grid.keys()) {
      const { normed, scale } = normedAxis(arrays, layout, axis);
      const dNormed = zeros(x);
      for (let at = 0; at < x.length; at++) {
        const [first, c] = [at - (at % C), at % C];
        const ofChannel = axis * C + c;
        let projected = 0;
        for (let out = 0; out < C; out++) {
          projected += cotangent[first + out]! * projection[ofChannel * C + out]!;
          gradients.projection[ofChannel * C + out]! += normed[at]! * gain[ofChannel]! * cotangent[first + out]!;
        }
        gradients.gain[ofChannel]! += normed[at]! * projected;
        dNormed[at] = gain[ofChannel]! * projected;
      }
      addAxisGradients(gradients, { arrays, layout, axis, dFiltered: throughNorm(dNormed, normed, scale) });
    }
    return gradients;
  },
};

/** y ∘ scale with scale = 1 / √(mean y² + ε) of every token. */
function normedAxis(arrays: AxisTpeArrays, layout: AxisTpeLayout, axis: number) {
  const { C } = layout;
  const normed = Float64Array.from(arrays.x); // prefix tokens pass by the filter
  forEachImage(arrays.x, layout, (image, from) =>
    normed.set(toeplitzReference.forward({ ...arrays, x: image }, oneAxis(layout, axis)), from),
  );
  const scale = Float64Array.from({ length: normed.length / C }, (_, row) => {
    const squares = normed.subarray(row * C, row * C + C).reduce((sum, value) => sum + value * value, 0);
    return 1 / Math.sqrt(squares / C + NORM_EPSILON);
  });
  return { normed: normed.map((value, at) => value * scale[Math.floor(at / C)]!), scale };
}

/** dy = scale ∘ (dŷ − ŷ mean(dŷ ∘ ŷ)) */
function throughNorm(dNormed: Float64Array, normed: Float64Array, scale: Float64Array): Float64Array {
  const C = normed.length / scale.length;
  return dNormed.map((value, at) => {
    const first = at - (at % C);
    let product = 0;
    for (let c = 0; c < C; c++) product += dNormed[first + c]! * normed[first + c]!;
    return scale[first / C]! * (value - (normed[at]! * product) / C);
  });
}

interface AxisGradients {
  readonly arrays: AxisTpeArrays;
  readonly layout: AxisTpeLayout;
  readonly axis: number;
  readonly dFiltered: Float64Array;
}

function addAxisGradients(gradients: ToeplitzArrays, { arrays, layout, axis, dFiltered }: AxisGradients): void {
  const { C, place } = layout;
  const [N, prefix] = [tokensOf(place), place.prefix ?? 0];
  const ofPrefix = (at: number) => Math.floor(at / C) % N < prefix;
  for (let at = 0; at < dFiltered.length; at++) if (ofPrefix(at)) gradients.x[at]! += dFiltered[at]!;
  forEachImage(arrays.x, layout, (image, from) => {
    const cotangent = dFiltered.subarray(from, from + image.length);
    const parts = toeplitzReference.backward({ ...arrays, x: image }, oneAxis(layout, axis), cotangent);
    parts.x.forEach((value, i) => (gradients.x[from + i]! += value));
    for (const name of ["q", "k", "logDecay"] as const)
      parts[name].forEach((value, i) => (gradients[name][i]! += value));
  });
}

function oneAxis({ C, heads, place: { grid } }: AxisTpeLayout, axis: number) {
  return { B: 1, grid, C, heads, axis };
}

/** The tokens on the grid of each example. */
function forEachImage(
  x: Float64Array,
  { B, C, place }: AxisTpeLayout,
  visit: (image: Float64Array, from: number) => void,
): void {
  const [N, prefix] = [tokensOf(place), place.prefix ?? 0];
  for (let b = 0; b < B; b++) {
    const from = (b * N + prefix) * C;
    visit(x.subarray(from, (b + 1) * N * C), from);
  }
}
