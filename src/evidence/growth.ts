// Curves over N: exponent of time and memory of each series, the theory beside it, where it ran out of memory or
// time, and from which length on it is faster than a reference.

import { defined } from "#base/defined";
import { groupBy } from "#base/group";
import { crossoverInterval, type Crossover } from "#stats/crossover";
import { exponentFit, type ExponentFit } from "#stats/exponent";
import { traitsOf } from "#case/case";
import type { Axes } from "#catalogue/axes";
import { pairWithin } from "./ratios.ts";
import { streamOf, type ResamplingOptions } from "./resampling.ts";
import type { Failure, Result } from "./result.ts";

export interface Growth {
  readonly series: string;
  readonly contender: string;
  /** of the shortest case; N and grid are those of that case only */
  readonly point: Axes;
  readonly quantity: "time" | "memory";
  /** measured: seconds, or the engine's peak bytes, against N */
  readonly exponent?: ExponentFit;
  /** the same fit of the operator's own formula: FLOPs, least bytes, or for decoding the elements that a token must read */
  readonly theory?: ExponentFit;
  /** lengths measured */
  readonly lengths: readonly number[];
  /** strategies that ran, shortest length first */
  readonly strategies: readonly string[];
  /** the shortest length that gave no result, and why */
  readonly stopsAt?: { readonly N: number; readonly status: Failure["status"]; readonly reason: string };
  readonly caseIds: readonly string[];
}

/** Growth of every series of operator and decode cases with at least two lengths. */
export function fitGrowth(results: readonly Result[]): Growth[] {
  return seriesOfResults(results).flatMap((ordered): Growth[] => {
    const { series, contender, point, case: item } = ordered[0]!;
    const quantity = item.kind === "operator" ? item.quantity : "time";
    const measured = ordered.filter(({ status }) => status === "ok");
    const stop = ordered.find(({ status }) => status !== "ok");
    const counted = quantity === "memory" ? leastBytesOf : item.kind === "decode" ? stateElementsOf : flopsOf;
    return [
      defined({
        series,
        contender,
        point,
        quantity,
        exponent: fitted(measured, quantity === "memory" ? peakBytesOf : secondsOf),
        theory: fitted(measured, counted),
        lengths: measured.map(lengthOf),
        strategies: [...new Set(measured.flatMap(({ strategies }) => strategies))],
        stopsAt: stop === undefined ? undefined : { N: lengthOf(stop), ...stop.failures.at(-1)! },
        caseIds: ordered.map(({ id }) => id),
      }),
    ];
  });
}

/** Results of one curve each, shortest first; curves of one length are none. */
function seriesOfResults(results: readonly Result[]): Result[][] {
  const current = results.filter(({ stale, case: item }) => !stale && item.kind !== "training");
  return [...groupBy(current, ({ series }) => series).values()]
    .map((members) => members.toSorted((a, b) => lengthOf(a) - lengthOf(b)))
    .filter((ordered) => lengthOf(ordered[0]!) < lengthOf(ordered.at(-1)!));
}

function lengthOf({ axes }: Result): number {
  return Number(axes["N"]);
}

const secondsOf = ({ time }: Result) => time?.estimate;
const peakBytesOf = ({ memory }: Result) => memory?.enginePeakBytes;
const flopsOf = ({ work }: Result) => work?.flops;
const leastBytesOf = ({ memory }: Result) => memory?.leastBytes;

/** What one head reads for one more token: attention its keys and values, a recurrence its state. */
function stateElementsOf({ case: item }: Result): number | undefined {
  if (item.kind !== "decode") return undefined;
  const { N, D, E } = item.shape;
  return traitsOf(item.spec).carries === "tokens" ? N * (D + E) : D * E;
}

function fitted(measured: readonly Result[], read: (result: Result) => number | undefined): ExponentFit | undefined {
  const points = measured.flatMap((result) => {
    const value = read(result) ?? 0;
    return value > 0 ? [{ N: lengthOf(result), value }] : [];
  });
  if (new Set(points.map(({ N }) => N)).size < 2) return undefined;
  return exponentFit(
    points.map(({ N }) => N),
    points.map(({ value }) => value),
  );
}

/** Engine and precision belong to the point: a crossover of one kernel is not a statement about others. */
export interface SeriesCrossover extends Crossover {
  readonly series: string;
  readonly contender: string;
  readonly reference: string;
  readonly point: Axes;
  /** strategies that ran */
  readonly strategies: readonly string[];
  readonly referenceStrategies: readonly string[];
  readonly lengths: readonly number[];
}

/** For every series measured beside `reference`: the length from which it is faster. */
export function findCrossovers(
  results: readonly Result[],
  reference: string,
  { resamples, ...options }: ResamplingOptions = {},
): SeriesCrossover[] {
  const timed = pairWithin(results, reference).filter(({ result }) => result.case.kind !== "training");
  return [...groupBy(timed, ({ result }) => result.series)].flatMap(([series, pairs]): SeriesCrossover[] => {
    const lengths = pairs.map(({ result }) => lengthOf(result)).sort((a, b) => a - b);
    if (new Set(lengths).size < 2) return [];
    const points = pairs.map(({ result, processes }) => ({
      length: lengthOf(result),
      ratios: processes.map(({ numerator, denominator }) =>
        Array.from(numerator, (value, round) => value / denominator[round]!),
      ),
    }));
    const { contender, point } = pairs[0]!.result;
    return [
      {
        series,
        contender,
        reference,
        point,
        lengths,
        strategies: [...new Set(pairs.flatMap(({ result }) => result.strategies))],
        referenceStrategies: [...new Set(pairs.flatMap(({ baseline }) => baseline.strategies))],
        ...crossoverInterval(points, defined({ random: streamOf(`${series}/${reference}`, options), resamples })),
      },
    ];
  });
}
