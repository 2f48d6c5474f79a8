// LightNet against every model of its point, score by score, worked out once: the tables, the claims and the terminal
// read the same comparison. Where several tasks make one claim its tests are adjusted by Holm.

import { groupBy } from "#base/group";
import { holm } from "#stats/holm";
import type { NonInferiority } from "#stats/non-inferiority";
import { paperTables } from "#catalogue/paper/tables";
import { tasks } from "#catalogue/tasks";
import { subjectAmong } from "./point.ts";
import type { Result } from "./result.ts";
import { pairFinal, ruleOf, rulesOf, testPaired, type ScoreRule } from "./scores.ts";
import { beatsBaseline } from "./simple-baseline.ts";
import { judgeScore, type ScoreWord } from "./verdict.ts";

export interface ScoreComparison extends NonInferiority {
  readonly subject: Result;
  readonly rival: Result;
  readonly metric: string;
  /** not decidable: neither of the two beats the simple baseline of its task */
  readonly verdict: ScoreWord | "not decidable";
}

export interface ScoreComparisons {
  /** LightNet against the best multiplicative rival of each task: what the claims about scores rest on */
  readonly equalTraining: readonly ScoreComparison[];
  /** the same against the best of those that were trained for as many seconds */
  readonly equalSeconds: readonly ScoreComparison[];
  /** a result's comparison with the subject of its point, final scores */
  readonly of: (result: Result, metric: string) => ScoreComparison | undefined;
}

/** Models count as equal in parameters within this share. */
const EQUAL_PARAMETERS = 0.02;

type Tested = Omit<ScoreComparison, "verdict">;

export function compareWithSubject(results: readonly Result[]): ScoreComparisons {
  const trained = results.filter(({ stale, training }) => !stale && training !== undefined);
  const points = [...groupBy(trained, ({ place }) => place).values()];
  const tested = points.flatMap(testedAt);
  const chosen = points.flatMap((members) => bestRivals(members, members));
  const equalTraining = chosen.flatMap(({ rival, rule }) =>
    tested.filter((one) => one.rival === rival && one.metric === rule.metric),
  );
  const equalSeconds = points
    .flatMap((members) => bestRivals(members, trainedAsLong(subjectAmong(members), trained)))
    .flatMap(({ subject, rival, rule }) => test(subject, rival, rule) ?? []);
  const adjusted = new Map([...adjust(equalTraining), ...adjust(equalSeconds)]);
  const judged = (one: Tested): ScoreComparison => {
    const final = adjusted.get(one) ?? one;
    return { ...final, verdict: verdictOf(final) };
  };
  const byResult = new Map([...tested, ...equalSeconds].map((one) => [`${one.rival.id}/${one.metric}`, judged(one)]));
  return {
    equalTraining: equalTraining.map(judged),
    equalSeconds: equalSeconds.map(judged),
    of: ({ id }, metric) => byResult.get(`${id}/${metric}`),
  };
}

/** The subject of a point against everything else there, by every rule of its tables and of its task. */
function testedAt(members: readonly Result[]): Tested[] {
  const subject = subjectAmong(members);
  if (subject === undefined) return [];
  return members.flatMap((rival) =>
    rival === subject || rival.case.kind !== "training"
      ? []
      : rulesOf(rival.case).flatMap((rule) => test(subject, rival, rule) ?? []),
  );
}

function rulesAt({ case: item }: Result): ScoreRule[] {
  if (item.kind !== "training") return [];
  const tables = paperTables.all().filter(({ kind, suites }) => kind === "scores" && suites.includes(item.suite));
  return tables.flatMap(({ metrics }) =>
    metrics.flatMap((metric) => ((metric.task ?? item.task) === item.task ? (ruleOf(metric) ?? []) : [])),
  );
}

function test(subject: Result, rival: Result, rule: ScoreRule): Tested | undefined {
  const found = testPaired(pairFinal(subject.training!.runs, rival.training!.runs, rule.metric), rule);
  return found && { ...found, subject, rival, metric: rule.metric };
}

/** Trainings whose steps were chosen so that they take as long as the subject's. */
function trainedAsLong(subject: Result | undefined, trained: readonly Result[]): Result[] {
  const own = subject?.case;
  if (own?.kind !== "training") return [];
  return trained.filter(({ case: item, axes }) => {
    if (item.kind !== "training" || item.equalSeconds?.as !== own.contender) return false;
    const isSame = SAME_AT_EQUAL_SECONDS.every((axis) => axes[axis] === subject!.axes[axis]);
    return isSame && item.recipe.steps === Math.round(own.recipe.steps * item.equalSeconds.stepRatio);
  });
}

const SAME_AT_EQUAL_SECONDS = ["suite", "task", "dataset", "variant", "engine", "scale", "batch"] as const;

/** Judged are the scores that lead their task, on the suites of tasks: encodings and the like are ablations. */
function bestRivals(
  members: readonly Result[],
  candidates: readonly Result[],
): { subject: Result; rival: Result; rule: ScoreRule }[] {
  const subject = subjectAmong(members);
  const item = subject?.case;
  if (subject === undefined || item?.kind !== "training" || isAblation(item.suite)) return [];
  return rulesAt(subject).flatMap((rule) => {
    if (tasks.has(item.task) && tasks.get(item.task).metric.name !== rule.metric) return [];
    const sign = rule.better === "higher" ? 1 : -1;
    const meanOf = ({ training }: Result): number => sign * (training!.scores.get(rule.metric)?.estimate ?? Number.NaN);
    const rivals = candidates.filter((rival) => isEqualRival(rival, subject) && Number.isFinite(meanOf(rival)));
    const best = rivals.toSorted((a, b) => meanOf(b) - meanOf(a))[0];
    return best === undefined ? [] : [{ subject, rival: best, rule }];
  });
}

function isAblation(suite: string): boolean {
  return paperTables.all().some(({ suites, factors }) => factors.length > 0 && suites.includes(suite));
}

function isEqualRival({ axes, training }: Result, subject: Result): boolean {
  const isMultiplicative = axes["op"] === "multiplicative" && (axes["decay"] !== "none" || axes["causal"] === true);
  const ratio = training!.first.parameters / subject.training!.first.parameters;
  return isMultiplicative && Math.abs(ratio - 1) <= EQUAL_PARAMETERS;
}

/** Both one-sided tests of the family, each family adjusted on its own. */
function adjust(family: readonly Tested[]): ReadonlyMap<Tested, Tested> {
  const tests = family.filter((one) => one.worsePValue !== undefined && one.notWorsePValue !== undefined);
  const notWorse = holm(tests.map(({ notWorsePValue }) => notWorsePValue!));
  const worse = holm(tests.map(({ worsePValue }) => worsePValue!));
  return new Map(
    tests.map((one, index) => [one, { ...one, notWorsePValue: notWorse[index]!, worsePValue: worse[index]! }]),
  );
}

function verdictOf(one: Tested): ScoreComparison["verdict"] {
  const isBlind = [one.subject, one.rival].every((result) => beatsBaseline(result)?.beaten === false);
  return isBlind ? "not decidable" : judgeScore(one);
}
