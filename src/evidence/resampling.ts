// Random numbers of resampling: seeded, and a stream of its own for everything that has a name.

import { Random } from "#base/random";

export interface ResamplingOptions {
  /** seed of all resampling; every case has its own stream, so results do not depend on each other */
  readonly seed?: number;
  readonly resamples?: number;
}

/** The seed used everywhere a person gives none. */
export const RESAMPLING_SEED = 240521022;

/** The stream of random numbers of something that has a name. */
export function streamOf(name: string, { seed = RESAMPLING_SEED }: ResamplingOptions = {}): Random {
  return new Random(seed).fork(name);
}
