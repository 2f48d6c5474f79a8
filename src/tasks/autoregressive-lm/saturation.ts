// Saturation of a trained causal additive decay: how fast does what a token adds to the state fade as tokens go by?
//
// With Δ_t = Σ_{s ≤ t} e^{g_s} the state keeps λ_t = Δ_{t−1}/Δ_t of what it held, and token t enters with 1 − λ_t = e^{g_t}/Δ_t.
// A plain running average has 1 − λ_t = 1/t, slope −1 of log(1 − λ_t) against log t; a decay that forgets at a fixed rate has
// slope 0. Nothing of the forward pass changes: the layers' logits are only looked at.

import * as tf from "#engine/tf";

/** From this token on, counted from 1: the very first ones are all beginning. */
const FIRST_TOKEN = 4;
/** Points of the fit, four to a doubling of t: evenly spread over log t, or the late tokens would be all there is. */
const POINTS_PER_DOUBLING = 4;

/** Keeps the logits of additive layers while a forward pass is being watched. */
export class SaturationProbe {
  #seen: Map<number, tf.Tensor> | undefined;

  readonly observe = (layer: number, logits: tf.Tensor): void => {
    this.#seen?.set(layer, tf.keep(logits.clone()));
  };

  /**
   * Runs `forward` once and fits a slope to every head of every additive layer that it passes through.
   *
   * @returns `layer0.head0` … → slope; empty where no layer is additive, or a sequence is too short for a fit
   */
  async slopes(forward: () => tf.Tensor): Promise<ReadonlyMap<string, number>> {
    const seen = new Map<number, tf.Tensor>();
    this.#seen = seen;
    try {
      tf.tidy(() => void forward());
    } finally {
      this.#seen = undefined;
    }
    const slopes = new Map<string, number>();
    for (const [layer, logits] of seen) {
      const values = await logits.data();
      saturationSlopes(values, logits.shape as [number, number, number, number]).forEach((slope, head) =>
        slopes.set(`layer${layer}.head${head}`, slope),
      );
      logits.dispose();
    }
    return slopes;
  }
}

/**
 * Slope of the mean of log(1 − λ_t) over batch and channels against log t, one a head; least squares over log-spaced t.
 *
 * @param logits g [B, H, N, D], row-major; Δ₀ = 0
 * @returns empty where N leaves fewer than three points
 */
export function saturationSlopes(
  logits: ArrayLike<number>,
  [B, H, N, D]: readonly [number, number, number, number],
): number[] {
  const tokens = fittedTokens(N);
  if (tokens.length < 3) return [];
  return Array.from({ length: H }, (_, head) => {
    const sums = new Float64Array(N);
    for (let batch = 0; batch < B; batch++) {
      for (let channel = 0; channel < D; channel++) {
        let z = -Infinity;
        for (let t = 0; t < N; t++) {
          const g = logits[((batch * H + head) * N + t) * D + channel]!;
          z = Math.max(z, g) + Math.log1p(Math.exp(-Math.abs(z - g)));
          sums[t]! += g - z;
        }
      }
    }
    return slopeOf(tokens.map((t) => [Math.log(t), sums[t - 1]! / (B * D)] as const));
  });
}

/** Tokens, counted from 1, evenly spread over log t. */
function fittedTokens(N: number): number[] {
  const count = Math.floor(POINTS_PER_DOUBLING * Math.log2(N / FIRST_TOKEN)) + 1;
  const tokens = Array.from({ length: Math.max(0, count) }, (_, i) =>
    Math.round(FIRST_TOKEN * 2 ** (i / POINTS_PER_DOUBLING)),
  );
  return [...new Set(tokens)].filter((t) => t <= N);
}

function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const meanOf = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [x0, y0] = [meanOf(0), meanOf(1)];
  const covariance = points.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0);
  return covariance / points.reduce((sum, [x]) => sum + (x - x0) ** 2, 0);
}
