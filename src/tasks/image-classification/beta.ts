// Random shares for mixing two examples.

import type { Random } from "#base/random";

/** A draw from Beta(α, α), as the share X/(X + Y) of two gamma draws. @param alpha positive */
export function symmetricBeta(random: Random, alpha: number): number {
  const [x, y] = [gamma(random, alpha), gamma(random, alpha)];
  return x + y === 0 ? Number(random.uniform() < 0.5) : x / (x + y); // a tiny α rounds both to 0
}

/** Gamma(α, 1) by G. Marsaglia and W. W. Tsang, A Simple Method for Generating Gamma Variables (2000). */
function gamma(random: Random, alpha: number): number {
  if (alpha < 1) return gamma(random, alpha + 1) * (1 - random.uniform()) ** (1 / alpha);
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
