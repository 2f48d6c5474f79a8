// Claims about scores: C3.

import { groupBy } from "#base/group";
import { compareScores, type SeedScores } from "#compare/scores";
import { tableOf } from "#paper/tables";
import { contenders } from "#suite/contenders";
import { notTested, type Evidence, type Finding } from "./finding.ts";

/** Models count as equal in parameters within this share. */
const EQUAL_PARAMETERS = 0.02;

/** C3: LightNet against the best multiplicative rival of equal parameters, paired by seed. */
export function notWorseThanRival({ scores, views }: Evidence): Finding {
  const metric = tableOf("image-classification").metrics.find(({ id }) => id === "top-1")!;
  const margin = metric.margin! / metric.factor;
  const own = scores.filter(({ case: item, scores: found }) => item.suite === "image-classification" && found["top1"] !== undefined);
  const findings: string[] = [];
  const caseIds: string[] = [];
  let isWorse = false;
  for (const [where, entries] of groupBy(own, ({ dataLabel, case: item }) => `${dataLabel}, ${item.model.variant}, ${item.recipe.steps} steps, engine ${item.engine}, scale ${item.scale}`)) {
    const subject = entries.find(({ case: item }) => item.contender === "additive-global");
    const rival = subject === undefined ? undefined : bestRival(subject, entries);
    const test = subject === undefined || rival === undefined ? undefined : compareScores(subject, rival, { metric: "top1", margin, higherIsBetter: true });
    if (subject === undefined || rival === undefined || test === undefined) continue;
    const { meanDifference, lowerLimit, n } = test;
    const points = (value: number): string => `${value >= 0 ? "+" : "−"}${(100 * Math.abs(value)).toFixed(1)} points`;
    const limit = lowerLimit === undefined ? "no interval" : `one-sided 95 % limit ${points(lowerLimit)}`;
    findings.push(`${points(meanDifference)} against ${rival.case.contender}, ${limit}, n = ${n} seeds (${where})`);
    // The limit on the other side mirrors the lower one.
    if (lowerLimit !== undefined && test.verdict !== "too few seeds" && 2 * meanDifference - lowerLimit < -margin) isWorse = true;
    const members = views.filter(({ summaries }) => summaries.some(({ case: item }) => item === subject.case || item === rival.case));
    caseIds.push(...members.flatMap(({ summaries }) => summaries.map(({ caseId }) => caseId)));
  }
  if (findings.length === 0) return notTested("no accuracy of LightNet beside a multiplicative rival of equal parameters");
  const verdict = isWorse ? "fails" : "undecided";
  return { verdict, text: `${findings.join("; ")}. Equal seconds: not tested by these records`, caseIds };
}

function bestRival(subject: SeedScores, entries: readonly SeedScores[]): SeedScores | undefined {
  const rivals = entries.filter(({ case: item, parameters }) => {
    const isMultiplicative = contenders.has(item.contender) && contenders.get(item.contender).family === "multiplicative";
    return isMultiplicative && Math.abs(parameters / subject.parameters - 1) <= EQUAL_PARAMETERS;
  });
  return rivals.toSorted((a, b) => b.scores["top1"]!.estimate - a.scores["top1"]!.estimate)[0];
}
