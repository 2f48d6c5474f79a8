// Final scores of two trainings over the seeds they share, and whether one is worse.

import type { Estimate } from "#stats/estimate";
import { hierarchicalInterval } from "#stats/hierarchical";
import { nonInferiority, type NonInferiority } from "#stats/non-inferiority";
import { paperTables, type TableMetric } from "#catalogue/paper/tables";
import { scores } from "#catalogue/scores";
import { tasks } from "#catalogue/tasks";
import type { TrainingResult } from "#store/record";
import type { TrainingCase } from "#case/case";
import { streamOf } from "./resampling.ts";
import { scoreOf } from "./trained.ts";

/** One experiment's results by seed. */
export type SeedRuns = ReadonlyMap<number, TrainingResult>;

/** How a score is judged. */
export interface ScoreRule {
  readonly metric: string;
  readonly better: "higher" | "lower";
  /** the loss that would not matter, in the score's unit, or as a share of the reference's mean */
  readonly margin: number;
  readonly isRelative: boolean;
}

/** A score of both sides for each shared seed, in the order of the seeds. */
export interface PairedScores {
  readonly seeds: readonly number[];
  readonly candidate: readonly number[];
  readonly reference: readonly number[];
}

/** The rule of a table's metric; undefined where it has no margin, or no score of ours. */
export function ruleOf({ score, better }: TableMetric): ScoreRule | undefined {
  const margin = score === undefined ? undefined : scores.get(score).margin;
  if (score === undefined || margin === undefined) return undefined;
  return { metric: score, better, margin: margin.by, isRelative: margin.of === "relative" };
}

/** Of a task whose tables name no margin: this share of what a model must gain to have learned anything. */
const MARGIN_SHARE = 0.05;

/** The rules by which a training is judged: those of the tables that hold its suite, and one for the score its task leads with. */
export function rulesOf({ task, suite }: TrainingCase): ScoreRule[] {
  const tables = paperTables.all().filter(({ suites, id }) => suites.includes(suite) || id === task);
  const metrics = tables.flatMap((table) => table.metrics.filter((metric) => (metric.task ?? task) === task));
  const rules = new Map(metrics.flatMap((metric) => ruleOf(metric) ?? []).map((rule) => [rule.metric, rule]));
  if (!tasks.has(task)) return [...rules.values()];
  const { metric, margin } = tasks.get(task);
  const own = { metric: metric.name, better: metric.better, margin: MARGIN_SHARE * margin.by };
  if (!rules.has(own.metric)) rules.set(own.metric, { ...own, isRelative: margin.of === "relative" });
  return [...rules.values()];
}

/** Final scores of the seeds that both were trained with. */
export function pairFinal(candidate: SeedRuns, reference: SeedRuns, metric: string): PairedScores {
  const pairs = [...candidate]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([seed, ours]) => {
      const theirs = reference.get(seed);
      const [a, b] = [scoreOf(ours, metric), theirs && scoreOf(theirs, metric)];
      return a === undefined || b === undefined ? [] : [{ seed, a, b }];
    });
  return {
    seeds: pairs.map(({ seed }) => seed),
    candidate: pairs.map(({ a }) => a),
    reference: pairs.map(({ b }) => b),
  };
}

/** @returns undefined when they share no seed, or the margin is nothing */
export function testPaired(
  { seeds, candidate, reference }: PairedScores,
  { better, margin, isRelative }: ScoreRule,
): NonInferiority | undefined {
  if (seeds.length === 0) return undefined;
  const mean = reference.reduce((sum, value) => sum + value, 0) / reference.length;
  const absolute = isRelative ? margin * Math.abs(mean) : margin;
  if (!(absolute > 0)) return undefined;
  return nonInferiority(candidate, reference, { margin: absolute, higherIsBetter: better === "higher" });
}

/** Mean of paired differences over seeds with its 95 % interval (2 to 7 seeds: Student's t). */
export function meanOverSeeds(differences: readonly number[], stream: string): Estimate {
  const groups = differences.map((value) => [value]);
  return hierarchicalInterval(groups, { random: streamOf(stream), statistic: "mean" });
}

/** Whether a training reached the last step of its recipe; one without a curve does not tell. */
export function isWhole({ curve }: TrainingResult, { recipe }: TrainingCase): boolean {
  return curve.length === 0 || curve.some(({ step }) => step >= recipe.steps);
}
