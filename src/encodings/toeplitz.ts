// MD-TPE on tensors: the Toeplitz filter in chunks, linear in the length of an axis.

import * as tf from "#engine/tf";

/** Tokens of a chunk: shorter axes are one product. */
const CHUNK = 64;

export interface ToeplitzTensors {
  readonly q: tf.Tensor; // [axes, C]
  readonly k: tf.Tensor; // [axes, C]
  /** log λ, ≤ 0 */
  readonly logDecay: tf.Tensor; // [axes, heads]
}

/**
 * Σ over axes of y_t = (q·k per head) Σ_{s≤t} λ^{t−s} x_s along the axis. Differentiable in everything.
 *
 * @param x [B, …grid, C]
 * @param options.bothDirections adds the filter from the other end; the current token counts in each
 */
export function toeplitzFilter(x: tf.Tensor, weights: ToeplitzTensors, { bothDirections = false } = {}): tf.Tensor {
  const { parts, restored } = filtered(x, weights, bothDirections);
  return restored(parts.flat().reduce((total, part) => tf.add(total, part)));
}

/** The same for each axis by itself, one direction. */
export function toeplitzAxes(x: tf.Tensor, weights: ToeplitzTensors): tf.Tensor[] {
  const { parts, restored } = filtered(x, weights, false);
  return parts.map(([part]) => restored(part!));
}

/** The filtered tensors of each axis, in a layout of heads first, and how that is undone. */
function filtered(x: tf.Tensor, weights: ToeplitzTensors, bothDirections: boolean) {
  const [B, ...rest] = x.shape as [number, ...number[]];
  const grid = rest.slice(0, -1);
  const C = rest.at(-1)!;
  const heads = weights.logDecay.shape[1]!;
  const width = C / heads;
  const cells = grid.reduce((product, n) => product * n, 1);
  // Heads first, so that each head's matrix multiplies all its lines at once.
  const byHead = tf.transpose(tf.reshape(x, [B * cells, heads, width]), [1, 0, 2]); // [H, B·cells, C/H]
  const parts = grid.map((length, axis) => {
    const before = B * grid.slice(0, axis).reduce((product, n) => product * n, 1);
    const lines = tf.reshape(byHead, [heads, before, length, (cells * B * width) / (before * length)]);
    const along = (forward: boolean) =>
      tf.reshape(filterAxis(lines as tf.Tensor4D, axisFilter(weights, axis, forward)), byHead.shape);
    return bothDirections ? [along(true), along(false)] : [along(true)];
  });
  return { parts, restored: (part: tf.Tensor) => tf.reshape(tf.transpose(part, [1, 0, 2]), x.shape) };
}

interface AxisFilter {
  readonly weight: tf.Tensor; // [H]
  readonly logDecay: tf.Tensor; // [H]
  readonly forward: boolean;
}

function axisFilter({ q, k, logDecay }: ToeplitzTensors, axis: number, forward: boolean): AxisFilter {
  const heads = logDecay.shape[1]!;
  const row = (tensor: tf.Tensor) => tf.slice(tensor, [axis, 0], [1, tensor.shape[1]!]);
  return {
    weight: tf.sum(tf.reshape(tf.mul(row(q), row(k)), [heads, -1]), 1),
    logDecay: tf.reshape(row(logDecay), [heads]),
    forward,
  };
}

/** lines [H, P, n, W], filtered along n. */
function filterAxis(lines: tf.Tensor4D, filter: AxisFilter): tf.Tensor {
  const [H, P, n, W] = lines.shape;
  const C = Math.min(CHUNK, n);
  const count = Math.ceil(n / C);
  const missing = count * C - n;
  const whole =
    missing === 0
      ? lines
      : tf.pad(lines, [
          [0, 0],
          [0, 0],
          [0, missing],
          [0, 0],
        ]);
  const chunks = tf.transpose(tf.reshape(whole, [H, P * count, C, W]), [0, 2, 1, 3]); // [H, C, P·count, W]
  const inside = tf.matMul(toeplitz(filter, C), tf.reshape(chunks, [H, C, P * count * W]));
  const all = count === 1 ? inside : tf.add(inside, handedOn(inside as tf.Tensor3D, filter, { P, count }));
  const back = tf.reshape(tf.transpose(tf.reshape(all, [H, C, P * count, W]), [0, 2, 1, 3]), [H, P, count * C, W]);
  return missing === 0 ? back : tf.slice(back, [0, 0, 0, 0], [H, P, n, W]);
}

/** (q·k) λ^{|i − j|} on and below the diagonal (above it for the reverse direction), [H, C, C]. */
function toeplitz({ weight, logDecay, forward }: AxisFilter, C: number): tf.Tensor {
  const sides = Float32Array.from({ length: C * C }, (_, at) => {
    const steps = Math.floor(at / C) - (at % C);
    return forward ? steps : -steps;
  });
  const steps = tf.tensor(sides, [1, C, C]);
  // Outside the triangle the exponent is 0 and the power 1, so that the mask only selects.
  const power = tf.exp(tf.mul(tf.reshape(logDecay, [-1, 1, 1]), tf.relu(steps)));
  return tf.mul(tf.mul(power, tf.cast(tf.greaterEqual(steps, 0), "float32")), tf.reshape(weight, [-1, 1, 1]));
}

/** What chunks are handed by those before them, decayed to each token: [H, C, P·count·W]. */
function handedOn(
  inside: tf.Tensor3D,
  { logDecay, forward }: AxisFilter,
  { P, count }: { P: number; count: number },
): tf.Tensor {
  const [H, C, size] = inside.shape;
  const W = size / (P * count);
  const last = tf.slice(inside, [0, forward ? C - 1 : 0, 0], [H, 1, size]);
  const parts = tf.split(tf.reshape(last, [H, P, count, W]), count, 2);
  const whole = tf.reshape(tf.exp(tf.mul(logDecay, C)), [H, 1, 1, 1]);
  let state: tf.Tensor = tf.zeros([H, P, 1, W]);
  const handed: tf.Tensor[] = [];
  for (let step = 0; step < count; step++) {
    const c = forward ? step : count - 1 - step;
    handed[c] = state;
    state = tf.add(tf.mul(state, whole), parts[c]!);
  }
  const steps = tf.tensor(
    Float32Array.from({ length: C }, (_, i) => (forward ? i + 1 : C - i)),
    [1, C, 1],
  );
  const powers = tf.exp(tf.mul(tf.reshape(logDecay, [H, 1, 1]), steps)); // [H, C, 1]
  return tf.mul(tf.reshape(tf.concat(handed, 2), [H, 1, size]), powers);
}
