// Seeded random numbers: the same seed gives the same stream on every machine and engine.

import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { shortHash } from "./json.ts";

/** One stream of random numbers. `fork` derives independent streams by name, so order of use does not matter. */
export class Random {
  readonly #seed: number;
  readonly #generator: ReturnType<typeof xoroshiro128plus>;
  #spareNormal: number | undefined;

  constructor(seed: number) {
    this.#seed = seed;
    this.#generator = xoroshiro128plus(seed);
  }

  /** An independent stream that depends on this stream's seed and on `label` alone. */
  fork(label: string): Random {
    return new Random(Number.parseInt(shortHash(`${this.#seed}/${label}`).slice(0, 8), 16) | 0);
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  /** Uniform integer in [0, bound). */
  integer(bound: number): number {
    return uniformInt(this.#generator, 0, bound - 1);
  }

  /** Standard normal, by the polar method of Marsaglia (1964). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const radius = x * x + y * y;
      if (radius > 0 && radius < 1) {
        const factor = Math.sqrt((-2 * Math.log(radius)) / radius);
        this.#spareNormal = y * factor;
        return x * factor;
      }
    }
  }

  /** `length` standard normals, times `scale`. */
  normals(length: number, scale = 1): Float32Array<ArrayBuffer> {
    const values = new Float32Array(length);
    for (let i = 0; i < length; i++) values[i] = scale * this.normal();
    return values;
  }

  /** A new array with the items in random order (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    return shuffled;
  }
}
