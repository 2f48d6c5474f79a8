// The encodings by angle on tensors.

import { currentKernels } from "#engine/registry";
import * as tf from "#engine/tf";
import { withGradient } from "#ops/with-gradient";
import { axisOf, coordinates, thetaIndex, tokensOf, type AngleLayout } from "./place.ts";

/** cos a and sin a of every head, token and angle; the same for all of a batch. */
export interface AngleTables {
  /** they pass gradients on */
  readonly isTrained?: boolean;
  readonly cos: tf.Tensor; // [1, H, N, width]
  readonly sin: tf.Tensor; // [1, H, N, width]
}

/**
 * Tables of fixed frequencies. Angles are taken in float64: at token 65 536 a float32 angle is off by 0.004.
 *
 * @param theta [heads · row], row = ⌈width/m⌉ (shared by the axes) or width
 */
export function fixedTables(theta: ArrayLike<number>, layout: AngleLayout): AngleTables {
  const { heads, width, place } = layout;
  const N = tokensOf(place);
  const row = theta.length / heads;
  const positions = place.grid.map((_, axis) => coordinates(place, axis));
  const cos = new Float32Array(heads * N * width);
  const sin = new Float32Array(heads * N * width);
  for (let index = 0; index < width; index++) {
    const position = positions[axisOf(index, layout)]!;
    const frequency = thetaIndex(index, row, layout);
    for (let at = 0; at < heads * N; at++) {
      const angle = position[at % N]! * theta[Math.floor(at / N) * row + frequency]!;
      cos[at * width + index] = Math.cos(angle);
      sin[at * width + index] = Math.sin(angle);
    }
  }
  const shape: [number, number, number, number] = [1, heads, N, width];
  return { cos: tf.tensor(cos, shape), sin: tf.tensor(sin, shape) };
}

/** Tables that pass gradients on to θ [H, row]. */
export function tablesOf(theta: tf.Tensor, layout: AngleLayout): AngleTables {
  const { heads, width, place } = layout;
  const N = tokensOf(place);
  const row = theta.shape[1]!;
  const position = positionsOf(layout, row);
  const repeated =
    row === width ? theta : tf.slice(tf.tile(theta, [1, Math.ceil(width / row)]), [0, 0], [heads, width]);
  const angle = tf.mul(tf.reshape(repeated, [1, heads, 1, width]), tf.tensor(position, [1, 1, N, width]));
  return { cos: tf.cos(angle), sin: tf.sin(angle), isTrained: true };
}

/** The coordinate that each angle of a token grows with, [N · width]. */
function positionsOf(layout: AngleLayout, row: number): Float32Array {
  const known = knownPositions.get(layout);
  if (known !== undefined) return known;
  const { width, place } = layout;
  const N = tokensOf(place);
  const positions = place.grid.map((_, axis) => coordinates(place, axis));
  const position = new Float32Array(N * width);
  for (let index = 0; index < width; index++) {
    thetaIndex(index, row, layout);
    const along = positions[axisOf(index, layout)]!;
    for (let token = 0; token < N; token++) position[token * width + index] = along[token]!;
  }
  knownPositions.set(layout, position);
  return position;
}
const knownPositions = new WeakMap<AngleLayout, Float32Array>();

/** out = [x∘cos a ; x∘sin a]: […,H,N,D] → […,H,N,2D]; ⟨out_q(t), out_k(s)⟩ = Σ_d q_d k_d cos((t − s)θ_d). */
export function encodeCosine(x: tf.Tensor, { cos, sin }: AngleTables): tf.Tensor {
  // One broadcast product with both tables is cheaper, there and back, than joining two products row by row.
  const tables = tf.stack([cos, sin], 3); // [1, H, N, 2, D]
  const halves = tf.mul(tf.expandDims(x, x.rank - 1), tables); // […, H, N, 2, D]
  return tf.reshape(halves, [...x.shape.slice(0, -1), 2 * x.shape.at(-1)!]);
}

/** out = [x₁∘cos a ; x₁∘sin a ; x₂], x₁ the first half of the channels: […,H,N,D] → […,H,N,3D/2]. */
export function encodeHalfCosine(x: tf.Tensor, { cos, sin }: AngleTables): tf.Tensor {
  const [placed, free] = tf.split(x, 2, x.rank - 1) as [tf.Tensor, tf.Tensor];
  return tf.concat([tf.mul(placed, cos), tf.mul(placed, sin), free], x.rank - 1);
}

/** Halves (x₁, x₂) → (x₁cos a − x₂sin a, x₂cos a + x₁sin a): […,H,N,D] → the same. */
export function rotate(x: tf.Tensor, { cos, sin, isTrained = false }: AngleTables): tf.Tensor {
  const { rows } = currentKernels();
  if (rows !== undefined) {
    if (x.rank !== 4) {
      const [H, N, D] = x.shape.slice(-3) as [number, number, number];
      return tf.reshape(rotate(tf.reshape(x, [-1, H, N, D]), { cos, sin, isTrained }), x.shape);
    }
    const { y } = withGradient({
      inputs: { x, ...(isTrained ? { cos, sin } : {}) } as { readonly [name: string]: tf.Tensor },
      forward: () => ({ outputs: { y: rows.rotate(x, { cos, sin }) }, saved: { x, cos, sin } }),
      backward: ({ y: dy }, saved) => ({
        ...rows.rotateGradient(saved as Record<"x" | "cos" | "sin", tf.Tensor>, dy, isTrained),
      }),
    });
    return y;
  }
  const [first, second] = tf.split(x, 2, x.rank - 1) as [tf.Tensor, tf.Tensor];
  return tf.concat(
    [tf.sub(tf.mul(first, cos), tf.mul(second, sin)), tf.add(tf.mul(second, cos), tf.mul(first, sin))],
    x.rank - 1,
  );
}
