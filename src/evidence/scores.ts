// Training results over seeds: one summary for all cases that differ in their seed only.

import { groupBy } from "#base/group";
import { hashJson } from "#base/json";
import { Random } from "#base/random";
import type { Estimate } from "#stats/estimate";
import { hierarchicalInterval } from "#stats/hierarchical";
import { nonInferiority, type NonInferiority, type NonInferiorityOptions } from "#stats/non-inferiority";
import type { TrainingCase } from "#case/case";
import { type CaseSummary, type MeasuredSummary, RESAMPLING_SEED, type SummaryOptions } from "./summary.ts";

export interface SeedScores {
  /** hash of the case without its seed */
  readonly id: string;
  /** the case of the first seed */
  readonly case: TrainingCase;
  readonly seeds: readonly number[];
  /** score by metric and seed, in the order of `seeds` */
  readonly scoreSamples: Readonly<Record<string, readonly number[]>>;
  /** mean over seeds with its interval; seed × test item for the metric the items belong to */
  readonly scores: Readonly<Record<string, Estimate>>;
  readonly trivialScores: Readonly<Record<string, number>>;
  readonly parameters: number;
  readonly dataLabel: string;
  readonly synthetic: boolean;
}

/** Items are recorded for the first of these that a task reports: 1 or 0 for each test item, or its error. */
const ITEM_METRICS = ["top1", "accuracy", "mse"];

/** Scores of each training experiment over its seeds; stale and unfinished cases are left out. */
export function summariseScores(summaries: readonly CaseSummary[], options: SummaryOptions = {}): SeedScores[] {
  const experiments = groupBy(summaries.filter(isTrained), ({ case: item }) => hashJson({ ...item, seed: 0 }));
  return [...experiments].map(([id, members]) => {
    const trained = members.toSorted((a, b) => a.case.seed - b.case.seed);
    const random = new Random(options.seed ?? RESAMPLING_SEED).fork(id);
    const { case: item, training } = trained[0]!;
    const metrics = Object.keys(training.scores).filter((metric) =>
      trained.every((member) => metric in member.training.scores),
    );
    const estimates = metrics.map(
      (metric) => [metric, overSeeds(trained, metric, { random: random.fork(metric), ...options })] as const,
    );
    return {
      id,
      case: item,
      seeds: trained.map((member) => member.case.seed),
      scoreSamples: Object.fromEntries(
        metrics.map((metric) => [metric, trained.map((member) => member.training.scores[metric]!)]),
      ),
      scores: Object.fromEntries(estimates),
      trivialScores: training.trivialScores,
      parameters: training.parameters,
      dataLabel: training.dataLabel,
      synthetic: training.synthetic,
    };
  });
}

/**
 * "Not worse than the reference" for one metric, over the seeds both were trained with.
 *
 * @returns undefined when they share no seed or one of them lacks the metric
 */
export function compareScores(
  candidate: SeedScores,
  reference: SeedScores,
  { metric, ...options }: NonInferiorityOptions & { readonly metric: string },
): NonInferiority | undefined {
  const shared = candidate.seeds.filter((seed) => reference.seeds.includes(seed));
  const pick = (side: SeedScores): number[] =>
    shared.flatMap((seed) => side.scoreSamples[metric]?.[side.seeds.indexOf(seed)] ?? []);
  const [ours, theirs] = [pick(candidate), pick(reference)];
  return shared.length === 0 || ours.length !== shared.length || theirs.length !== shared.length
    ? undefined
    : nonInferiority(ours, theirs, options);
}

type Trained = MeasuredSummary & { readonly case: TrainingCase } & Required<Pick<MeasuredSummary, "training">>;

function isTrained(summary: CaseSummary): summary is Trained {
  return (
    summary.status === "ok" && !summary.stale && summary.case.kind === "training" && summary.training !== undefined
  );
}

function overSeeds(
  trained: readonly Trained[],
  metric: string,
  options: SummaryOptions & { readonly random: Random },
): Estimate {
  const { random, resamples } = options;
  const itemMetric = ITEM_METRICS.find((name) => name in trained[0]!.training.scores);
  const groups = trained.map(({ training }) => {
    const items = metric === itemMetric ? training.itemScoreSamples : undefined;
    return items === undefined || items.length === 0 ? [training.scores[metric]!] : items;
  });
  return hierarchicalInterval(groups, { random, statistic: "mean", ...(resamples === undefined ? {} : { resamples }) });
}
