// The noise schedule of diffusion, in float64: how much of an image is left at each time step.

import { UsageError } from "#base/errors";

/** Steps of the schedule that papers train with. */
export const TIMESTEPS = 1000;

export interface NoiseSchedule {
  readonly timesteps: number;
  /** [T], variance of the noise that step t adds */
  readonly beta: Float64Array;
  /** [T], ᾱ_t = Π_{s≤t} (1 − β_s): the share of the image's variance that is left after step t */
  readonly alphaBar: Float64Array;
}

/**
 * β rises in a straight line from 1e-4 to 0.02 over T = 1000 steps; with other T both ends are scaled by 1000/T, so that
 * as little is left of the image at the end.
 *
 * @throws {UsageError} T under 100: the last β would come near 1
 * @source Ho et al., arXiv 2006.11239; the scaling is Nichol and Dhariwal's, arXiv 2102.09672
 */
export function linearSchedule(timesteps = TIMESTEPS): NoiseSchedule {
  if (!Number.isInteger(timesteps) || timesteps < 100)
    throw new UsageError(`A noise schedule needs at least 100 time steps, got ${timesteps}.`);
  const scale = 1000 / timesteps;
  const beta = Float64Array.from(
    { length: timesteps },
    (_, t) => scale * (1e-4 + ((0.02 - 1e-4) * t) / (timesteps - 1)),
  );
  const alphaBar = new Float64Array(timesteps);
  let left = 1;
  for (let t = 0; t < timesteps; t++) alphaBar[t] = left *= 1 - beta[t]!;
  return { timesteps, beta, alphaBar };
}

/** x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε, for items of equal size with a time step each. */
export function addNoise(
  { alphaBar }: NoiseSchedule,
  {
    clean,
    noise,
    timesteps,
  }: { readonly clean: Float32Array; readonly noise: Float32Array; readonly timesteps: ArrayLike<number> },
): Float32Array<ArrayBuffer> {
  const size = clean.length / timesteps.length;
  const noisy = new Float32Array(clean.length);
  for (let item = 0; item < timesteps.length; item++) {
    const left = alphaBar[timesteps[item]!]!;
    const [signal, spread] = [Math.sqrt(left), Math.sqrt(1 - left)];
    for (let i = item * size; i < (item + 1) * size; i++) noisy[i] = signal * clean[i]! + spread * noise[i]!;
  }
  return noisy;
}

/** x_0 = (x_t − √(1 − ᾱ_t) ε) / √ᾱ_t, one value. `left` is ᾱ_t. */
export function cleanValue(noisy: number, noise: number, left: number): number {
  return (noisy - Math.sqrt(1 - left) * noise) / Math.sqrt(left);
}
