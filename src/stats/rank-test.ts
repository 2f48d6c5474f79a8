// Mann–Whitney U: do the values of one group tend to be larger than those of another? No assumption on the
// distribution; the values must be independent (process medians; never single, autocorrelated samples).
//
// Sources: H. B. Mann, D. R. Whitney, Annals of Mathematical Statistics 18 (1947) 50 (recursion of the exact
// distribution); M. Hollander, D. A. Wolfe, E. Chicken, "Nonparametric Statistical Methods", 3rd ed. (2014), §4.1
// (normal approximation, ties, continuity).

import { normalCdf } from "./distributions.ts";
import { checkSamples } from "./samples.ts";

// As R: below this size, and without ties, the p-value is exact.
const EXACT_BELOW = 50;

export interface RankTest {
  /** pairs (x, y) with x > y, plus half the ties */
  readonly u: number;
  /** two-sided */
  readonly pValue: number;
  readonly method: "exact" | "normal approximation";
  /** the smallest two-sided p-value that samples of these sizes can give: above α the test cannot speak */
  readonly smallestPValue: number;
}

/**
 * Two-sided Mann–Whitney U test: exact below 50 values a side without ties, otherwise the normal approximation
 * with correction for ties and continuity.
 *
 * @throws {SampleError} an empty side, or a value that is not finite
 */
export function mannWhitney(x: ArrayLike<number>, y: ArrayLike<number>): RankTest {
  const above = checkSamples("mannWhitney", x);
  const below = checkSamples("mannWhitney", y);
  const { rankSum, tieTerm } = rank(above, below);
  const u = rankSum - (above.length * (above.length + 1)) / 2;
  const smallestPValue = smallestRankTestPValue(above.length, below.length);
  if (tieTerm === 0 && above.length < EXACT_BELOW && below.length < EXACT_BELOW) {
    return { u, pValue: exactPValue(u, above.length, below.length), method: "exact", smallestPValue };
  }
  const pValue = approximatePValue(u, above.length, below.length, tieTerm);
  return { u, pValue, method: "normal approximation", smallestPValue };
}

/** 2 / C(m + n, m), the p-value of complete separation. */
export function smallestRankTestPValue(m: number, n: number): number {
  let choose = 1;
  for (let i = 1; i <= Math.min(m, n); i++) choose *= (Math.max(m, n) + i) / i;
  return Math.min(1, 2 / choose);
}

/** Rank sum of the first group (ties share their mean rank) and Σ (t³ − t) over groups of ties. */
function rank(first: Float64Array, second: Float64Array): { rankSum: number; tieTerm: number } {
  const order = [...first, ...second].map((value, index) => ({ value, isFirst: index < first.length }));
  order.sort((a, b) => a.value - b.value);
  let rankSum = 0;
  let tieTerm = 0;
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && order[end]!.value === order[start]!.value) end++;
    const size = end - start;
    tieTerm += size ** 3 - size;
    const sharedRank = (start + 1 + end) / 2;
    for (let i = start; i < end; i++) if (order[i]!.isFirst) rankSum += sharedRank;
    start = end;
  }
  return { rankSum, tieTerm };
}

function exactPValue(u: number, m: number, n: number): number {
  const counts = arrangements(m, n);
  const most = Math.max(u, m * n - u);
  let total = 0;
  let tail = 0;
  for (let k = 0; k <= m * n; k++) {
    total += counts[k]!;
    if (k >= most) tail += counts[k]!;
  }
  return Math.min(1, (2 * tail) / total);
}

/**
 * Arrangements of m and n values with each U, by which group holds the largest value:
 *
 *   f(i, j, u) = f(i − 1, j, u − j) + f(i, j − 1, u)
 *
 * Sums of positive numbers only: counts beyond 2⁵³ keep all their leading digits, where a product formula with its
 * subtractions ends below zero.
 */
function arrangements(m: number, n: number): Float64Array {
  const counts = Array.from({ length: m + 1 }, () => new Float64Array(m * n + 1));
  for (const row of counts) row[0] = 1; // j = 0: nothing lies below
  for (let j = 1; j <= n; j++) {
    for (let i = 1; i <= m; i++) {
      for (let u = j; u <= i * j; u++) counts[i]![u]! += counts[i - 1]![u - j]!;
    }
  }
  return counts[m]!;
}

function approximatePValue(u: number, m: number, n: number, tieTerm: number): number {
  const size = m + n;
  const variance = ((m * n) / 12) * (size + 1 - tieTerm / (size * (size - 1)));
  if (variance === 0) return 1; // every value is the same
  const distance = Math.max(0, Math.abs(u - (m * n) / 2) - 0.5);
  return Math.min(1, 2 * normalCdf(-distance / Math.sqrt(variance)));
}
