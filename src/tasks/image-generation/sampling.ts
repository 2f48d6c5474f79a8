// Samplers of diffusion: from noise to images along a few or all time steps, in float64 on the host. The denoiser is a
// function of numbers, so that samplers are tested against data whose best denoiser is known in closed form.

import { UsageError } from "#base/errors";
import type { Random } from "#base/random";
import { cleanValue, type NoiseSchedule } from "./schedule.ts";

/** The noise in x at time step t, value by value. */
export type PredictNoise = (x: Float64Array, t: number) => Promise<ArrayLike<number>>;

export interface SamplingPlan {
  readonly schedule: NoiseSchedule;
  /** time steps visited, evenly spread from the last to the first */
  readonly steps: number;
  /** 0: DDIM, deterministic. 1: ancestral, with all T steps that of DDPM */
  readonly eta: number;
  /** predicted clean values are cut to ±limit; absent where data have no limits */
  readonly limit?: number;
  /** needed with eta > 0 */
  readonly random?: Random;
}

/**
 * Walks from x_T = `noise` to an image. From t to the next step s, with ε̂ the predicted noise and x̂_0 what it leaves:
 *
 *   σ² = η² (1 − ᾱ_s)/(1 − ᾱ_t) (1 − ᾱ_t/ᾱ_s),   x_s = √ᾱ_s x̂_0 + √(1 − ᾱ_s − σ²) ε̂ + σ z
 *
 * @throws {UsageError} more steps than the schedule has, or no random stream where one is drawn from
 * @source Song et al., arXiv 2010.02502, eq. 12 and 16
 */
export async function sampleFrom(
  noise: ArrayLike<number>,
  predict: PredictNoise,
  plan: SamplingPlan,
): Promise<Float64Array> {
  const { schedule, eta, limit, random } = plan;
  if (eta > 0 && random === undefined)
    throw new UsageError("Ancestral sampling draws noise: it needs a random stream.");
  const visited = visitedSteps(schedule.timesteps, plan.steps);
  const x = Float64Array.from(noise);
  for (const [index, t] of visited.entries()) {
    const predicted = await predict(x, t);
    const left = schedule.alphaBar[t]!;
    const next = visited[index + 1];
    const leftNext = next === undefined ? 1 : schedule.alphaBar[next]!;
    const variance = ((eta * eta * (1 - leftNext)) / (1 - left)) * (1 - left / leftNext);
    const [signal, direction, spread] = [
      Math.sqrt(leftNext),
      Math.sqrt(Math.max(0, 1 - leftNext - variance)),
      Math.sqrt(variance),
    ];
    for (let i = 0; i < x.length; i++) {
      const { clean, error } = limited(x[i]!, predicted[i]!, { left, limit });
      x[i] = signal * clean + direction * error + (spread === 0 ? 0 : spread * random!.normal());
    }
  }
  return x;
}

/** Clean value and noise of a noisy one; where the clean value is cut to its limits, the noise follows it. */
function limited(
  noisy: number,
  noise: number,
  { left, limit }: { readonly left: number; readonly limit: number | undefined },
): { clean: number; error: number } {
  const clean = cleanValue(noisy, noise, left);
  if (limit === undefined || Math.abs(clean) <= limit) return { clean, error: noise };
  const cut = Math.sign(clean) * limit;
  return { clean: cut, error: (noisy - Math.sqrt(left) * cut) / Math.sqrt(1 - left) };
}

/** `steps` time steps from T − 1 down to 0, evenly spread; with one step T − 1 alone. */
export function visitedSteps(timesteps: number, steps: number): number[] {
  if (!Number.isInteger(steps) || steps < 1 || steps > timesteps)
    throw new UsageError(`Sampling takes 1 to ${timesteps} steps, got ${steps}.`);
  if (steps === 1) return [timesteps - 1];
  return Array.from({ length: steps }, (_, i) => Math.round(((timesteps - 1) * (steps - 1 - i)) / (steps - 1)));
}

/** ε = ε_none + w (ε_class − ε_none): w = 1 is the conditional model itself. @source Ho and Salimans, arXiv 2207.12598 */
export function guided(conditional: ArrayLike<number>, unconditional: ArrayLike<number>, scale: number): Float64Array {
  return Float64Array.from(
    { length: conditional.length },
    (_, i) => unconditional[i]! + scale * (conditional[i]! - unconditional[i]!),
  );
}
