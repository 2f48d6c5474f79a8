// The leading score of generation: the mean squared error of the predicted noise on fixed images, time steps and noise,
// the same for every contender and seed, so that contenders are compared item by item.

import { Random } from "#base/random";

/** Of the project, not of a case: every model meets the same noise. */
const EVALUATION_SEED = 20240531;
const BINS = 4;

/** What is added to the scored images. */
export interface FixedNoise {
  /** [count], spread evenly over the schedule, in random order */
  readonly timesteps: Int32Array;
  /** standard normal values of one item */
  noise(item: number): Float32Array<ArrayBuffer>;
}

/** @param size values of an image */
export function fixedNoise(count: number, size: number, timesteps: number): FixedNoise {
  const random = new Random(EVALUATION_SEED);
  const strata = random.fork("order").shuffle(Array.from({ length: count }, (_, i) => i));
  const within = random.fork("time steps");
  return {
    timesteps: Int32Array.from(strata, (stratum) => Math.floor(((stratum + within.uniform()) * timesteps) / count)),
    noise: (item) => random.fork(`noise ${item}`).normals(size),
  };
}

/** Running errors, overall and by quarters of the schedule. */
export class DenoisingErrors {
  readonly #timesteps: number;
  readonly items: number[] = [];
  readonly #sums = new Float64Array(BINS);
  readonly #counts = new Float64Array(BINS);

  constructor(timesteps: number) {
    this.#timesteps = timesteps;
  }

  /**
   * Adds one item.
   *
   * @param predicted the noise as the model sees it; 0 for the trivial predictor, which names the mean of the noise
   */
  add(noise: ArrayLike<number>, predicted: ArrayLike<number> | 0, timestep: number): void {
    let sum = 0;
    for (let i = 0; i < noise.length; i++) sum += (noise[i]! - (predicted === 0 ? 0 : predicted[i]!)) ** 2;
    const error = sum / noise.length;
    const bin = Math.floor((timestep * BINS) / this.#timesteps);
    this.items.push(error);
    this.#sums[bin]! += error;
    this.#counts[bin]!++;
  }

  /** `mse`, then `mse.t0-249` and so on where an item fell into that part; mean squared error a value of ε. */
  totals(): Record<string, number> {
    const parts = Array.from(this.#counts, (count, bin) => {
      const [first, end] = [(bin * this.#timesteps) / BINS, ((bin + 1) * this.#timesteps) / BINS].map(Math.ceil);
      return count === 0 ? [] : [[`mse.t${first}-${end! - 1}`, this.#sums[bin]! / count] as const];
    });
    return {
      mse: this.items.reduce((sum, error) => sum + error, 0) / this.items.length,
      ...Object.fromEntries(parts.flat()),
    };
  }
}
