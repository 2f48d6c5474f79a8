// Two-level samples: rounds within processes (times), test items within seeds (scores). The group is the
// independent unit; what lies inside a group is correlated, so pooling it would make intervals far too short.
//
// Sources: A. C. Davison, D. V. Hinkley, "Bootstrap Methods and their Application" (1997), §3.8 (resample groups,
// then members; two levels err on the wide side); T. Kalibera, R. Jones, "Rigorous benchmarking in reasonable
// time", ISMM 2013 (processes as the unit of a timing experiment); T. C. Hesterberg, "What teachers should know
// about the bootstrap", The American Statistician 69 (2015) 371 (few groups: t interval with the bootstrap's
// standard error times √(G/(G−1)), since percentile intervals of few groups are too short).

import type { Random } from "#base/random";
import { drawMedian, percentileProbabilities } from "./bootstrap.ts";
import { studentQuantile } from "./distributions.ts";
import { CONFIDENCE, type Estimate, type IntervalOptions, RESAMPLES } from "./estimate.ts";
import { interpolatedQuantile, median, medianOfSorted } from "./quantiles.ts";
import { checkSamples, SampleError, type SortedSamples, sortSamples } from "./samples.ts";

/** From this many groups the percentile interval is used; the contract asks headline times for as many processes. */
export const ENOUGH_GROUPS = 8;
// A mean over more members than this is drawn from its normal limit: 10,000 test items × 2000 resamples would
// take seconds, and at 500 members the two agree far below the resampling error.
const MANY_MEMBERS = 500;

export type Groups = readonly ArrayLike<number>[];

export interface HierarchicalOptions extends IntervalOptions {
  /** taken within groups and then over groups: medians (times, default) or means (scores) */
  readonly statistic?: "median" | "mean";
}

/** A two-level sample with its bootstrap distribution, not yet turned into an interval. */
export interface Resampled {
  readonly estimate: number;
  /** in the order drawn, so that two of them combine element by element */
  readonly distribution: Float64Array;
  readonly groups: number;
}

/**
 * Median of group medians (or mean of group means) with its interval by the hierarchical bootstrap.
 * From 8 groups: percentile. 2 to 7 groups: Student's t with G − 1 degrees of freedom around the estimate.
 * One group: percentile over its members, which says nothing about other groups; `n` is then 1.
 *
 * @param groups one array of members for each independent unit
 * @throws {SampleError} no groups, an empty one, or a value that is not finite
 */
export function hierarchicalInterval(groups: Groups, options: HierarchicalOptions): Estimate {
  const resampled = resampleGroups(groups, options);
  const isAlone = groups.length === 1 && groups[0]!.length === 1;
  if (isAlone) return { estimate: resampled.estimate, confidence: options.confidence ?? CONFIDENCE, n: 1, method: "one sample: no interval" };
  return intervalOf(resampled, { confidence: options.confidence ?? CONFIDENCE, freedom: groups.length - 1 });
}

/** Draws groups with replacement and, within each drawn group, members with replacement. */
export function resampleGroups(groups: Groups, options: HierarchicalOptions): Resampled {
  const { random, resamples = RESAMPLES, statistic = "median" } = options;
  if (groups.length === 0) throw new SampleError("resampleGroups", "at least one group is needed, got none.");
  const draws = groups.map((group) => (statistic === "median" ? medianDrawer(group, random) : meanDrawer(group, random)));
  const combine = statistic === "median" ? median : mean;
  const estimate = combine(draws.map((draw) => draw.estimate));
  const drawn = new Float64Array(groups.length);
  const distribution = new Float64Array(resamples);
  for (let b = 0; b < resamples; b++) {
    for (let i = 0; i < drawn.length; i++) drawn[i] = draws[random.integer(draws.length)]!.draw();
    distribution[b] = drawn.length === 1 ? drawn[0]! : combine(drawn);
  }
  return { estimate, distribution, groups: groups.length };
}

interface Drawer {
  readonly estimate: number;
  draw(): number;
}

function medianDrawer(group: ArrayLike<number>, random: Random): Drawer {
  const sorted: SortedSamples = sortSamples(group);
  const counts = new Uint32Array(sorted.length);
  return { estimate: medianOfSorted(sorted), draw: () => drawMedian(sorted, random, counts) };
}

function meanDrawer(group: ArrayLike<number>, random: Random): Drawer {
  const values = checkSamples("meanDrawer", group);
  const n = values.length;
  const estimate = mean(values);
  if (n > MANY_MEMBERS) {
    const variance = values.reduce((sum, value) => sum + (value - estimate) ** 2, 0) / n;
    const standardError = Math.sqrt(variance / n);
    return { estimate, draw: () => estimate + standardError * random.normal() };
  }
  const draw = (): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[random.integer(n)]!;
    return sum / n;
  };
  return { estimate, draw };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/**
 * Interval of a resampled two-level statistic.
 *
 * @param freedom degrees of freedom of the t interval used for 2 to 7 groups
 */
export function intervalOf(
  { estimate, distribution, groups }: Resampled,
  { confidence, freedom }: { readonly confidence: number; readonly freedom: number },
): Estimate {
  const common = { estimate, confidence, n: groups };
  if (groups > 1 && groups < ENOUGH_GROUPS) {
    const inflate = Math.sqrt(groups / (groups - 1));
    const half = studentQuantile((1 + confidence) / 2, freedom) * inflate * standardDeviation(distribution);
    return { ...common, low: estimate - half, high: estimate + half, method: "hierarchical bootstrap, t" };
  }
  const ascending = Float64Array.from(distribution).sort();
  const [pLow, pHigh] = percentileProbabilities(confidence);
  return {
    ...common,
    low: interpolatedQuantile(ascending, pLow),
    high: interpolatedQuantile(ascending, pHigh),
    method: groups === 1 ? "bootstrap within one group, percentile" : "hierarchical bootstrap, percentile",
  };
}

/** Sample standard deviation (divisor n − 1). */
export function standardDeviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - centre) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}
