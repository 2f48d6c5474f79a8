// Two-level samples: rounds within processes (times), test items within seeds (scores). The group is the
// independent unit; what lies inside a group is correlated, so pooling it would make intervals far too short.
//
// Sources: A. C. Davison, D. V. Hinkley, "Bootstrap Methods and their Application" (1997), §3.8 (resample groups,
// then members; two levels err on the wide side); T. Kalibera, R. Jones, "Rigorous benchmarking in reasonable
// time", ISMM 2013 (processes as the unit of a timing experiment). Few groups, whose bootstrap is too short: times by
// Student's t over processes, A. Georges, D. Buytaert, L. Eeckhout, "Statistically rigorous Java performance
// evaluation", OOPSLA 2007, §3.2; scores by t with the bootstrap's standard error times √(G/(G−1)), T. C. Hesterberg,
// "What teachers should know about the bootstrap", The American Statistician 69 (2015) 371.

import type { Random } from "#base/random";
import { drawMedian, percentileProbabilities } from "./bootstrap.ts";
import { studentQuantile } from "./distributions.ts";
import { CONFIDENCE, type Estimate, type IntervalOptions, RESAMPLES } from "./estimate.ts";
import { interpolatedQuantile, median, medianOfSorted } from "./quantiles.ts";
import { checkSamples, SampleError, type SortedSamples, sortSamples } from "./samples.ts";

/** From this many groups the percentile interval is used; the contract asks headline times for as many processes. */
export const ENOUGH_GROUPS = 8;
// A mean or median over more members than this is drawn from its normal limit: 10,000 test items × 2000 resamples would
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
 * Two-level location with its interval. One member in all has none.
 *
 * | groups | `median`                                          | `mean`                                        |
 * |--------|---------------------------------------------------|-----------------------------------------------|
 * | ≥ 8    | median of group medians, hierarchical percentile  | mean of group means, hierarchical percentile  |
 * | 2 to 7 | mean of group medians, Student's t over groups    | mean of group means, t with the bootstrap's standard error |
 * | 1      | bootstrap over its members, which says nothing about other groups; `n` is 1 | likewise            |
 *
 * The median of few medians wastes half of what they know, and its bootstrap takes as many values as there are groups.
 *
 * @param groups one array of members for each independent unit
 * @throws {SampleError} no groups, an empty one, or a value that is not finite
 */
export function hierarchicalInterval(groups: Groups, options: HierarchicalOptions): Estimate {
  const { confidence = CONFIDENCE, statistic = "median" } = options;
  if (isSingleValue(groups)) {
    return {
      estimate: checkSamples("hierarchicalInterval", groups[0]!)[0]!,
      confidence,
      n: 1,
      method: "one sample: no interval",
    };
  }
  if (statistic === "median" && isFew(groups)) {
    const { centre, variance, freedom } = overGroups(groups);
    const half = studentQuantile((1 + confidence) / 2, freedom) * Math.sqrt(variance);
    return {
      estimate: centre,
      low: centre - half,
      high: centre + half,
      confidence,
      n: groups.length,
      method: "Student's t over group medians",
    };
  }
  return intervalOf(resampleGroups(groups, options), confidence);
}

/** 2 to 7 groups. */
export function isFew(groups: Groups): boolean {
  return groups.length > 1 && groups.length < ENOUGH_GROUPS;
}

/** One group with one member: nothing varies that could be seen. */
export function isSingleValue(groups: Groups): boolean {
  return groups.length === 1 && groups[0]!.length === 1;
}

/** Mean of the group medians, its variance and degrees of freedom; at least two groups. */
export function overGroups(groups: Groups): {
  readonly centre: number;
  readonly variance: number;
  readonly freedom: number;
} {
  const medians = groups.map((group) => median(group));
  return {
    centre: mean(medians),
    variance: standardDeviation(medians) ** 2 / medians.length,
    freedom: medians.length - 1,
  };
}

/** Draws groups with replacement and, within each drawn group, members with replacement. */
export function resampleGroups(groups: Groups, options: HierarchicalOptions): Resampled {
  const { random, resamples = RESAMPLES, statistic = "median" } = options;
  if (groups.length === 0) throw new SampleError("resampleGroups", "at least one group is needed, got none.");
  const draws = groups.map((group) =>
    statistic === "median" ? medianDrawer(group, random) : meanDrawer(group, random),
  );
  const combine = statistic === "median" ? median : mean;
  const estimate = combine(draws.map((draw) => draw.estimate));
  const drawn = new Float64Array(groups.length);
  const distribution = new Float64Array(resamples);
  for (let b = 0; b < resamples; b++) {
    for (let i = 0; i < drawn.length; i++) drawn[i] = draws[random.integer(draws.length)]!.draw();
    // Sorted in place: a copy for each of thousands of resamples costs more than the rest.
    distribution[b] = statistic === "median" ? medianOfSorted(drawn.sort() as SortedSamples) : mean(drawn);
  }
  return { estimate, distribution, groups: groups.length };
}

interface Drawer {
  readonly estimate: number;
  draw(): number;
}

function medianDrawer(group: ArrayLike<number>, random: Random): Drawer {
  const sorted: SortedSamples = sortSamples(group);
  const n = sorted.length;
  // The middle one of n ranks drawn with replacement is n·Beta(n/2, n/2), which is near to normal.
  if (n > MANY_MEMBERS) {
    const draw = (): number => {
      const share = 0.5 + random.normal() / (2 * Math.sqrt(n + 1));
      return sorted[Math.min(n - 1, Math.max(0, Math.floor(n * share)))]!;
    };
    return { estimate: medianOfSorted(sorted), draw };
  }
  const counts = new Uint32Array(n);
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

/** Interval of a resampled two-level statistic: percentile, or for 2 to 7 groups t with its standard error. */
export function intervalOf({ estimate, distribution, groups }: Resampled, confidence: number): Estimate {
  const common = { estimate, confidence, n: groups };
  if (groups > 1 && groups < ENOUGH_GROUPS) {
    const inflate = Math.sqrt(groups / (groups - 1));
    const half = studentQuantile((1 + confidence) / 2, groups - 1) * inflate * standardDeviation(distribution);
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
