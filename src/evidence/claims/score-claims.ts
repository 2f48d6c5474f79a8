// C3: LightNet against the best multiplicative rival, after equal training and after equal seconds.

import { groupBy } from "#base/group";
import { pairAtEqualSeconds, pairFinal, type PairedScores } from "../paired-seeds.ts";
import { paperTables, type TableMetric } from "#catalogue/paper/tables";
import { nonInferiority, type NonInferiority } from "#stats/non-inferiority";
import { tasks } from "#catalogue/tasks";
import { contenders } from "#catalogue/contenders";
import { gatesOf } from "#report/calibration";
import { subjectAmong } from "#report/subject";
import { experimentsOf, settingOf, settingText, type Experiment } from "./experiments.ts";
import { joined, notTested, type Evidence, type Finding, type PartFinding } from "./finding.ts";

/** Below it a difference is printed with four decimals. */
const SMALL = 0.01;
/** Models count as equal in parameters within this share. */
const EQUAL_PARAMETERS = 0.02;

type Metric = TableMetric & { readonly score: string };

/** C3, on every task whose table has a margin: after equal training, and after equal seconds. */
export function notWorseThanRival({ views }: Evidence): Finding {
  const comparisons = paperTables.all().flatMap(({ kind, suites, metrics }) => {
    if (kind !== "scores" || suites.includes("encodings")) return [];
    return suites.flatMap((suite) => {
      const [gate] = gatesOf([suite], views).filter(({ passed }) => passed === false);
      const experiments = experimentsOf(views, suite);
      const found = metrics.filter(hasMargin).flatMap((metric) => compareWithin(experiments, metric));
      return gate === undefined
        ? found
        : found.map((part) => ({ ...part, verdict: "undecided" as const, text: `${part.text}. ${gate.text}` }));
    });
  });
  if (comparisons.length === 0)
    return notTested("no score of LightNet beside a multiplicative rival of equal parameters");
  return joined(comparisons);
}

function hasMargin(metric: TableMetric): metric is Metric {
  const { margin, relativeMargin, score } = metric;
  return score !== undefined && (margin !== undefined || relativeMargin !== undefined);
}

/** Experiments of the tasks that are scored by this metric. */
function compareWithin(experiments: readonly Experiment[], metric: Metric): PartFinding[] {
  const leading = experiments.filter(
    ({ case: { task } }) => !tasks.has(task) || tasks.get(task).metric.name === metric.score,
  );
  return [
    ...groupBy(
      leading,
      (entry) => `${settingOf(entry)}/${entry.case.model.mixer.encoding}/${entry.case.model.localMixing}`,
    ).values(),
  ].flatMap((entries): PartFinding[] => {
    const subject = subjectAmong(entries, ({ case: item }) => item.contender);
    const rival = subject === undefined ? undefined : bestRival(subject, entries, metric);
    if (subject === undefined || rival === undefined) return [];
    const margin = marginOf(metric, rival);
    const final = test(pairFinal(subject.results, rival.results, metric.score), metric, margin);
    if (final === undefined) return [];
    const timed = test(pairAtEqualSeconds(subject.results, rival.results, metric.score), metric, margin);
    const text = `${print(final, metric, ` against ${rival.case.contender}`)}, at equal seconds ${timed === undefined ? "not tested: no evaluation early enough" : print(timed, metric)} (${settingText(subject)})`;
    return [{ verdict: together(final, timed), text, caseIds: [...subject.caseIds, ...rival.caseIds] }];
  });
}

/** The multiplicative rival of equal parameters with the best final mean. */
function bestRival(
  subject: Experiment,
  entries: readonly Experiment[],
  { score, better }: Metric,
): Experiment | undefined {
  const sign = better === "higher" ? 1 : -1;
  const meanOf = ({ view }: Experiment): number => sign * (view.training!.scores[score]?.estimate ?? -sign * Infinity);
  const rivals = entries.filter((entry) => {
    const { contender } = entry.case;
    const isMultiplicative = contenders.has(contender) && contenders.get(contender).family === "multiplicative";
    return (
      isMultiplicative &&
      Math.abs(entry.parameters / subject.parameters - 1) <= EQUAL_PARAMETERS &&
      Number.isFinite(meanOf(entry))
    );
  });
  return rivals.toSorted((a, b) => meanOf(b) - meanOf(a))[0];
}

/** In the unit of the recorded score; a relative margin is a share of the rival's mean. */
function marginOf({ margin, relativeMargin, factor, score }: Metric, rival: Experiment): number {
  return margin !== undefined
    ? margin / factor
    : relativeMargin! * Math.abs(rival.view.training!.scores[score]!.estimate);
}

function test(
  { seeds, candidate, reference }: PairedScores,
  { better }: Metric,
  margin: number,
): NonInferiority | undefined {
  return seeds.length === 0
    ? undefined
    : nonInferiority(candidate, reference, { margin, higherIsBetter: better === "higher" });
}

/** Shown in both, or refuted in one: the limit on the other side mirrors the lower one. */
function together(final: NonInferiority, timed: NonInferiority | undefined): PartFinding["verdict"] {
  const isRefuted = ({ verdict, meanDifference, lowerLimit, margin }: NonInferiority): boolean =>
    verdict !== "too few seeds" && lowerLimit !== undefined && 2 * meanDifference - lowerLimit < -margin;
  if (isRefuted(final) || (timed !== undefined && isRefuted(timed))) return "fails";
  return final.verdict === "not worse" && timed?.verdict === "not worse" ? "holds" : "undecided";
}

/** `+1.2 points against … (one-sided 95 % limit +0.3 points, n = 7 seeds)`; above zero is better for LightNet. */
function print({ meanDifference, lowerLimit, n }: NonInferiority, { unit, factor }: Metric, rival = ""): string {
  const word = (value: number): string => {
    const sign = value >= 0 ? "+" : "−";
    const size = Math.abs(value) * factor;
    if (unit === "%") return `${sign}${size.toFixed(1)} points`;
    return `${sign}${size.toFixed(size < SMALL ? 4 : 3)}${unit === "" ? "" : ` ${unit}`}`;
  };
  return `${word(meanDifference)}${rival} (${lowerLimit === undefined ? "no interval" : `one-sided 95 % limit ${word(lowerLimit)}`}, n = ${n} ${n === 1 ? "seed" : "seeds"})`;
}
