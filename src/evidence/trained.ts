// Training results over seeds.

import { defined } from "#base/defined";
import type { Seconds } from "#base/units";
import { rangeOf, scores } from "#catalogue/scores";
import { rateOf, within, type Estimate } from "#stats/estimate";
import { hierarchicalInterval } from "#stats/hierarchical";
import { timeInterval } from "#stats/ratio";
import type { TrainingResult } from "#store/record";
import type { CaseLines } from "./case-lines.ts";
import { streamOf, type ResamplingOptions } from "./resampling.ts";
import { stepSecondsOf } from "./times.ts";
import { scorePart } from "./score-parts.ts";

/** What a task's items are scored by: 1 or 0 for each test item, or its error. Recorded for the first that a task reports. */
const ITEM_METRICS = ["top1", "accuracy", "mse"];

export interface Trained {
  /** the first seed's, for all that seeds share */
  readonly first: TrainingResult;
  /** by seed */
  readonly runs: ReadonlyMap<number, TrainingResult>;
  /** by name, mean over seeds with its interval; seed × test item for the metric the items belong to */
  readonly scores: ReadonlyMap<string, Estimate>;
  /** of the predictor that sees no input */
  readonly trivial: ReadonlyMap<string, number>;
  readonly stepSeconds?: Estimate;
  readonly evaluationSeconds?: Estimate;
  /** of the steps alone, without reading data and evaluating */
  readonly examplesPerSecond?: Estimate;
}

/** The trainings of one experiment; undefined where none has ended. */
export function trainedOf(
  lines: readonly CaseLines[],
  experiment: string,
  options: ResamplingOptions,
): Trained | undefined {
  const runs = new Map(
    lines.flatMap(({ case: { seed }, records }) => {
      const trained = records.flatMap((record) => (record.status === "ok" ? (record.training ?? []) : []));
      return trained.length === 0 ? [] : [[seed, trained.at(-1)!] as const];
    }),
  );
  const [first] = runs.values();
  if (first === undefined) return undefined;
  const item = lines[0]!.case;
  const examples = item.kind === "training" ? item.recipe.batch * (item.recipe.accumulate ?? 1) : 0;
  const random = streamOf(lines[0]!.caseId);
  // Results of a software GPU come without step times: then no time of theirs is shown.
  const timed = [...runs.values()].filter((run) => stepSecondsOf(run).length > 0);
  const over = (name: string, secondsOf: (run: TrainingResult) => readonly Seconds[]): Estimate | undefined => {
    const groups = timed
      .map((run) => secondsOf(run).filter((seconds) => seconds > 0))
      .filter(({ length }) => length > 0);
    return groups.length === 0 ? undefined : timeInterval(groups, { random: random.fork(name) });
  };
  const stepSeconds = over("step", stepSecondsOf);
  return defined({
    first,
    runs,
    scores: scoresOf(runs, experiment, options),
    trivial: new Map(Object.entries(first.trivialScores)),
    stepSeconds,
    examplesPerSecond: stepSeconds === undefined ? undefined : rateOf(examples, stepSeconds),
    evaluationSeconds: over("evaluation", (run) => [run.evaluationSeconds]),
  });
}

/** A score of one training; names come from files, so inherited ones are none. */
export function scoreOf({ scores }: TrainingResult, name: string): number | undefined {
  return Object.hasOwn(scores, name) ? scores[name] : undefined;
}

function scoresOf(
  runs: ReadonlyMap<number, TrainingResult>,
  experiment: string,
  { resamples, ...options }: ResamplingOptions,
): Map<string, Estimate> {
  const random = streamOf(experiment, options);
  const trained = [...runs].toSorted(([a], [b]) => a - b).map(([, result]) => result);
  const names = Object.keys(trained[0]!.scores).filter((name) =>
    trained.every((run) => scoreOf(run, name) !== undefined),
  );
  const itemMetric = ITEM_METRICS.find((name) => names.includes(name));
  return new Map(
    names.map((name) => {
      const groups = trained.map(({ scores, itemScoreSamples: items = [] }) =>
        name === itemMetric && items.length > 0 ? items : [scores[name]!],
      );
      const how = defined({ random: random.fork(name), statistic: "mean" as const, resamples });
      return [name, bounded(name, hierarchicalInterval(groups, how))];
    }),
  );
}

/** Student's t knows no range: of recalls of 99.7 and 99.9 % it would make an interval beyond 100 %. */
function bounded(name: string, interval: Estimate): Estimate {
  const { whole } = scorePart(name);
  return scores.has(whole) ? within(interval, rangeOf(scores.get(whole))) : interval;
}
