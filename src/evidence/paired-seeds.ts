// Differences of two trained models over the seeds they share, at the end of training or after equal seconds.

import { Random } from "#base/random";
import type { Seconds } from "#base/units";
import type { Estimate } from "#stats/estimate";
import { hierarchicalInterval } from "#stats/hierarchical";
import type { TrainingResult } from "#store/record";
import { RESAMPLING_SEED } from "./summary.ts";

/** One experiment's results by seed. */
export type SeedResults = ReadonlyMap<number, TrainingResult>;

/** A score of both sides for each shared seed, in the order of the seeds. */
export interface PairedScores {
  readonly seeds: readonly number[];
  readonly candidate: readonly number[];
  readonly reference: readonly number[];
}

/** Final scores of the seeds that both were trained with. */
export function pairFinal(candidate: SeedResults, reference: SeedResults, metric: string): PairedScores {
  return pairBy(candidate, reference, (a, b) => [a.scores[metric], b.scores[metric]]);
}

/**
 * Scores after equal training time: for each seed both are read off at the end of the one that took less time. The other's
 * test curve is interpolated linearly in elapsed seconds between the two evaluations around that moment. A seed whose
 * longer run was not yet evaluated by then is left out: nothing is extrapolated.
 */
export function pairAtEqualSeconds(candidate: SeedResults, reference: SeedResults, metric: string): PairedScores {
  return pairBy(candidate, reference, (a, b) => {
    const moment = Math.min(endOf(a), endOf(b));
    return [scoreAt(a, metric, moment), scoreAt(b, metric, moment)];
  });
}

/** Mean of paired differences over seeds with its 95 % interval (2 to 7 seeds: Student's t). */
export function meanOverSeeds(differences: readonly number[], stream: string): Estimate {
  return hierarchicalInterval(
    differences.map((value) => [value]),
    { random: new Random(RESAMPLING_SEED).fork(stream), statistic: "mean" },
  );
}

function pairBy(
  candidate: SeedResults,
  reference: SeedResults,
  scores: (a: TrainingResult, b: TrainingResult) => readonly [number | undefined, number | undefined],
): PairedScores {
  const pairs = [...candidate]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([seed, ours]) => {
      const theirs = reference.get(seed);
      const [a, b] = theirs === undefined ? [] : scores(ours, theirs);
      return a === undefined || b === undefined ? [] : [{ seed, a, b }];
    });
  return {
    seeds: pairs.map(({ seed }) => seed),
    candidate: pairs.map(({ a }) => a),
    reference: pairs.map(({ b }) => b),
  };
}

/** Training time of a run, evaluations not counted. */
function endOf({ curve }: TrainingResult): Seconds {
  return Math.max(0, ...curve.map(({ elapsedSeconds }) => elapsedSeconds));
}

function scoreAt({ curve, scores }: TrainingResult, metric: string, moment: Seconds): number | undefined {
  const points = curve.flatMap(({ elapsedSeconds, values }) =>
    values[`test.${metric}`] === undefined ? [] : [{ at: elapsedSeconds, score: values[`test.${metric}`]! }],
  );
  const after = points.findIndex(({ at }) => at >= moment);
  if (after === -1) return scores[metric];
  const [left, right] = [points[after - 1], points[after]!];
  if (right.at === moment) return right.score;
  return left === undefined
    ? undefined
    : left.score + ((moment - left.at) / (right.at - left.at)) * (right.score - left.score);
}
