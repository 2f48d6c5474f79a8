// Crossover: the length at which one curve starts to lie below another for good, between measured points by a straight
// line in log–log coordinates. Never extrapolated: outside the measured lengths only the side is known.
//
// Source: hierarchical bootstrap as in hierarchical.ts; one resample redraws every point of the curve.

import { percentileProbabilities } from "./bootstrap.ts";
import { CONFIDENCE, type IntervalOptions } from "./estimate.ts";
import { type Groups, resampleGroups } from "./hierarchical.ts";
import { interpolatedQuantile } from "./quantiles.ts";
import { checkPositive, SampleError } from "./samples.ts";

/** One length: ratios time(challenger) / time(reference), one array of rounds for each process. */
export interface RatioPoint {
  readonly length: number;
  readonly ratios: Groups;
}

export interface Crossover {
  /** `crosses`: at `estimate`; `below`: challenger faster at every length; `above`: at none, or not at the longest */
  readonly kind: "crosses" | "below" | "above";
  readonly estimate?: number;
  /** absent where the interval reaches below the shortest length measured */
  readonly low?: number;
  /** absent where it reaches beyond the longest */
  readonly high?: number;
  /** share of resamples that agree with `kind` */
  readonly support: number;
  readonly confidence: number;
  /** fewest processes at any length */
  readonly n: number;
  readonly method: string;
}

/**
 * The length from which the challenger is faster (ratio below 1 there and at all longer lengths), with its interval.
 *
 * @throws {SampleError} fewer than two lengths, or a ratio that is not finite and above zero
 */
export function crossoverInterval(points: readonly RatioPoint[], options: IntervalOptions): Crossover {
  if (points.length < 2) throw new SampleError("crossoverInterval", `two lengths are needed, got ${points.length}.`);
  const ordered = points.toSorted((a, b) => a.length - b.length);
  const logLengths = checkPositive(
    "crossoverInterval",
    ordered.map((point) => point.length),
  ).map(Math.log);
  const curves = ordered.map((point) =>
    resampleGroups(
      point.ratios.map((group) => checkPositive("crossoverInterval", group).map(Math.log)),
      options,
    ),
  );
  const found = lastCrossing(
    logLengths,
    curves.map((curve) => curve.estimate),
  );
  const resamples = curves[0]!.distribution.length;
  const crossings = Float64Array.from({ length: resamples }, (_, b) =>
    lastCrossing(
      logLengths,
      curves.map((curve) => curve.distribution[b]!),
    ),
  );
  const confidence = options.confidence ?? CONFIDENCE;
  const kind = kindOf(found);
  const support = crossings.filter((crossing) => kindOf(crossing) === kind).length / resamples;
  const [pLow, pHigh] = percentileProbabilities(confidence);
  const ascending = crossings.sort();
  return {
    kind,
    ...finite("estimate", found),
    ...finite("low", interpolatedQuantile(ascending, pLow)),
    ...finite("high", interpolatedQuantile(ascending, pHigh)),
    support,
    confidence,
    n: Math.min(...curves.map((curve) => curve.groups)),
    method: "interpolated in log–log, hierarchical bootstrap, percentile",
  };
}

/** Log length of the last change from above to below 0; −∞ if never above, ∞ if above at the longest. */
function lastCrossing(logLengths: Float64Array, logRatios: readonly number[]): number {
  const lastAbove = logRatios.findLastIndex((ratio) => ratio >= 0);
  if (lastAbove === logRatios.length - 1) return Infinity;
  if (lastAbove === -1) return -Infinity;
  const [from, to] = [logRatios[lastAbove]!, logRatios[lastAbove + 1]!];
  const fraction = from / (from - to);
  return logLengths[lastAbove]! + fraction * (logLengths[lastAbove + 1]! - logLengths[lastAbove]!);
}

function kindOf(crossing: number): Crossover["kind"] {
  if (Number.isFinite(crossing)) return "crosses";
  return crossing < 0 ? "below" : "above";
}

function finite<Name extends string>(name: Name, logLength: number): { readonly [key in Name]?: number } {
  return Number.isFinite(logLength) ? ({ [name]: Math.exp(logLength) } as { readonly [key in Name]?: number }) : {};
}
