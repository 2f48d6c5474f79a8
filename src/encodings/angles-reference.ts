// The encodings by angle in float64: cosine LRPE (in one or more dimensions) and the rotary form.

import { axisOf, coordinates, thetaIndex, tokensOf, type AngleLayout } from "./place.ts";

export interface EncodedGradients {
  readonly x: Float64Array;
  readonly theta: Float64Array;
}

interface Visit {
  /** index of the angle in its head, 0 … width − 1 */
  readonly index: number;
  readonly angle: number;
  readonly coordinate: number;
  /** index of the frequency in θ */
  readonly theta: number;
  /** first element of this token and head in x */
  readonly row: number;
}

/** out = [x∘cos a ; x∘sin a], a = coordinate · θ: [B,H,N,D] → [B,H,N,2D]. */
export const cosineReference = {
  forward(x: Float64Array, theta: Float64Array, layout: AngleLayout): Float64Array {
    const D = layout.width;
    const out = new Float64Array(2 * x.length);
    forEachAngle(x.length / D, theta, layout, ({ index, angle, row }) => {
      const value = x[row * D + index]!;
      out[row * 2 * D + index] = value * Math.cos(angle);
      out[row * 2 * D + D + index] = value * Math.sin(angle);
    });
    return out;
  },

  backward(
    inputs: { x: Float64Array; theta: Float64Array },
    layout: AngleLayout,
    cotangent: Float64Array,
  ): EncodedGradients {
    const D = layout.width;
    const gradients = { x: new Float64Array(inputs.x.length), theta: new Float64Array(inputs.theta.length) };
    forEachAngle(inputs.x.length / D, inputs.theta, layout, ({ index, angle, coordinate, theta, row }) => {
      const value = inputs.x[row * D + index]!;
      const dCos = cotangent[row * 2 * D + index]!;
      const dSin = cotangent[row * 2 * D + D + index]!;
      gradients.x[row * D + index] = dCos * Math.cos(angle) + dSin * Math.sin(angle);
      gradients.theta[theta]! += coordinate * value * (dSin * Math.cos(angle) - dCos * Math.sin(angle));
    });
    return gradients;
  },
};

/** Halves (x₁, x₂) → (x₁cos a − x₂sin a, x₂cos a + x₁sin a), angles of width D/2: [B,H,N,D] → [B,H,N,D]. */
export const rotaryReference = {
  forward(x: Float64Array, theta: Float64Array, layout: AngleLayout): Float64Array {
    const half = layout.width;
    const out = new Float64Array(x.length);
    forEachAngle(x.length / (2 * half), theta, layout, ({ index, angle, row }) => {
      const at = row * 2 * half + index;
      out[at] = x[at]! * Math.cos(angle) - x[at + half]! * Math.sin(angle);
      out[at + half] = x[at + half]! * Math.cos(angle) + x[at]! * Math.sin(angle);
    });
    return out;
  },

  backward(
    inputs: { x: Float64Array; theta: Float64Array },
    layout: AngleLayout,
    cotangent: Float64Array,
  ): EncodedGradients {
    const half = layout.width;
    const { x } = inputs;
    const gradients = { x: new Float64Array(x.length), theta: new Float64Array(inputs.theta.length) };
    forEachAngle(x.length / (2 * half), inputs.theta, layout, ({ index, angle, coordinate, theta, row }) => {
      const at = row * 2 * half + index;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const [d1, d2] = [cotangent[at]!, cotangent[at + half]!];
      gradients.x[at] = d1 * cos + d2 * sin;
      gradients.x[at + half] = d2 * cos - d1 * sin;
      gradients.theta[theta]! +=
        coordinate * (d1 * (-x[at]! * sin - x[at + half]! * cos) + d2 * (x[at]! * cos - x[at + half]! * sin));
    });
    return gradients;
  },
};

/** [x₁∘cos a ; x₁∘sin a ; x₂], x₁ the first half of the channels, angles of width D/2: [B,H,N,D] → [B,H,N,3D/2]. */
export const halfCosineReference = {
  forward(x: Float64Array, theta: Float64Array, layout: AngleLayout): Float64Array {
    const half = layout.width;
    const out = new Float64Array((3 * x.length) / 2);
    forEachAngle(x.length / (2 * half), theta, layout, ({ index, angle, row }) => {
      const [from, to] = [row * 2 * half + index, row * 3 * half + index];
      out[to] = x[from]! * Math.cos(angle);
      out[to + half] = x[from]! * Math.sin(angle);
      out[to + 2 * half] = x[from + half]!;
    });
    return out;
  },

  backward(
    inputs: { x: Float64Array; theta: Float64Array },
    layout: AngleLayout,
    cotangent: Float64Array,
  ): EncodedGradients {
    const half = layout.width;
    const gradients = { x: new Float64Array(inputs.x.length), theta: new Float64Array(inputs.theta.length) };
    forEachAngle(inputs.x.length / (2 * half), inputs.theta, layout, ({ index, angle, coordinate, theta, row }) => {
      const [from, to] = [row * 2 * half + index, row * 3 * half + index];
      const [dCos, dSin] = [cotangent[to]!, cotangent[to + half]!];
      gradients.x[from] = dCos * Math.cos(angle) + dSin * Math.sin(angle);
      gradients.x[from + half] = cotangent[to + 2 * half]!;
      gradients.theta[theta]! += coordinate * inputs.x[from]! * (dSin * Math.cos(angle) - dCos * Math.sin(angle));
    });
    return gradients;
  },
};

function forEachAngle(rows: number, theta: Float64Array, layout: AngleLayout, visit: (at: Visit) => void): void {
  const { heads, width, place } = layout;
  const N = tokensOf(place);
  const thetaWidth = theta.length / heads;
  const positions = place.grid.map((_, axis) => coordinates(place, axis));
  for (let row = 0; row < rows; row++) {
    const head = Math.floor(row / N) % heads;
    for (let index = 0; index < width; index++) {
      const coordinate = positions[axisOf(index, layout)]![row % N]!;
      const at = head * thetaWidth + thetaIndex(index, thetaWidth, layout);
      visit({ index, angle: coordinate * theta[at]!, coordinate, theta: at, row });
    }
  }
}
