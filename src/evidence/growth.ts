// Curves over N: exponent of time and memory of each series, the theory beside it, where it ran out of memory or
// time, and from which length on it is faster than a reference.

import { groupBy } from "#base/group";
import { Random } from "#base/random";
import { crossoverInterval, type Crossover } from "#stats/crossover";
import { exponentFit, type ExponentFit } from "#stats/exponent";
import type { NotOkRecord, RunRecord } from "#store/record";
import type { Axes } from "#catalogue/axes";
import { seriesId } from "./cases.ts";
import { pairWithin } from "./matchup-ratios.ts";
import { type CaseSummary, type MeasuredSummary, RESAMPLING_SEED, type SummaryOptions } from "./summary.ts";

export interface Growth {
  readonly series: string;
  readonly contender: string;
  /** axes of the shortest case; N and grid are those of that case only */
  readonly axes: Axes;
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
  readonly stopsAt?: { readonly N: number; readonly status: NotOkRecord["status"]; readonly reason: string };
}

/** Growth of every series of operator and decode cases with at least two lengths. */
export function fitGrowth(summaries: readonly CaseSummary[]): Growth[] {
  const current = summaries.filter((summary) => !summary.stale && summary.case.kind !== "training");
  const series = groupBy(current, (summary) => seriesId(summary.case));
  return [...series].flatMap(([id, members]) => {
    const ordered = members.toSorted((a, b) => lengthOf(a) - lengthOf(b));
    if (new Set(ordered.map(lengthOf)).size < 2) return [];
    const { axes, case: item } = ordered[0]!;
    const quantity = item.kind === "operator" ? item.quantity : "time";
    const measured = ordered.filter((summary) => summary.status === "ok");
    const stop = ordered.find((summary) => summary.status !== "ok");
    return [
      {
        series: id,
        contender: item.contender,
        axes,
        quantity,
        ...fitted("exponent", measured, quantity === "time" ? secondsOf : peakBytesOf),
        ...fitted(
          "theory",
          measured,
          item.kind === "decode" ? stateElementsOf : quantity === "time" ? flopsOf : leastBytesOf,
        ),
        lengths: measured.map(lengthOf),
        strategies: [...new Set(measured.flatMap(({ strategies }) => strategies))],
        ...(stop === undefined ? {} : { stopsAt: { N: lengthOf(stop), status: stop.status, reason: stop.reason } }),
      },
    ];
  });
}

function lengthOf({ case: item }: CaseSummary): number {
  return item.kind === "training" ? Number.NaN : item.shape.N;
}

const secondsOf = (summary: MeasuredSummary) => summary.seconds?.estimate;
const peakBytesOf = (summary: MeasuredSummary) => summary.memory?.enginePeakBytes;
const flopsOf = (summary: MeasuredSummary) => summary.work?.flops;
const leastBytesOf = (summary: MeasuredSummary) => summary.memory?.leastBytes;

/** What one head reads for one more token: attention its keys and values, a recurrence its state. */
function stateElementsOf({ case: item }: MeasuredSummary): number | undefined {
  if (item.kind !== "decode") return undefined;
  const { N, D, E } = item.shape;
  return item.spec.op === "softmax" ? N * (D + E) : D * E;
}

function fitted<Name extends string>(
  name: Name,
  measured: readonly MeasuredSummary[],
  read: (summary: MeasuredSummary) => number | undefined,
): { readonly [key in Name]?: ExponentFit } {
  const points = measured.flatMap((summary) => {
    const value = read(summary);
    return value === undefined || value <= 0 ? [] : [{ N: lengthOf(summary), value }];
  });
  if (new Set(points.map((point) => point.N)).size < 2) return {};
  const fit = exponentFit(
    points.map((point) => point.N),
    points.map((point) => point.value),
  );
  return { [name]: fit } as { readonly [key in Name]?: ExponentFit };
}

/** Engine and precision are among the axes: a crossover of one kernel is not a statement about others. */
export interface SeriesCrossover extends Crossover {
  readonly series: string;
  readonly contender: string;
  readonly reference: string;
  /** strategies that ran */
  readonly strategies: readonly string[];
  readonly referenceStrategies: readonly string[];
  readonly axes: Axes;
  readonly lengths: readonly number[];
}

/** For every series measured beside `reference`: the length from which it is faster. */
export function findCrossovers(
  records: readonly RunRecord[],
  reference: string,
  options: SummaryOptions = {},
): SeriesCrossover[] {
  const root = new Random(options.seed ?? RESAMPLING_SEED);
  const timed = pairWithin(records, reference).filter((pair) => pair.case.kind !== "training");
  const series = groupBy(timed, (pair) => seriesId(pair.case));
  return [...series].flatMap(([id, pairs]) => {
    const points = pairs.map(({ case: item, processes }) => ({
      length: item.kind === "training" ? Number.NaN : item.shape.N,
      ratios: processes.map(({ numerator, denominator }) =>
        Array.from(numerator, (value, round) => value / denominator[round]!),
      ),
    }));
    const lengths = points.map((point) => point.length).sort((a, b) => a - b);
    if (new Set(lengths).size < 2) return [];
    const random = root.fork(`${id}/${reference}`);
    const resampling = options.resamples === undefined ? {} : { resamples: options.resamples };
    const { axes, contender } = pairs[0]!;
    const matchups = new Set(pairs.map(({ matchup }) => matchup));
    const strategiesOf = (name: string): string[] => [
      ...new Set(
        records.flatMap((record) =>
          record.case.contender === name && matchups.has(record.matchup) && record.status === "ok"
            ? (record.strategy ?? [])
            : [],
        ),
      ),
    ];
    const strategies = { strategies: strategiesOf(contender), referenceStrategies: strategiesOf(reference) };
    return [
      {
        series: id,
        contender,
        reference,
        axes,
        lengths,
        ...strategies,
        ...crossoverInterval(points, { random, ...resampling }),
      },
    ];
  });
}
