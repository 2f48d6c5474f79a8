// C3 and C10: LightNet against the best multiplicative rival, after equal training and at equal seconds.

import { differenceUnit, scores } from "#catalogue/scores";
import { modelIdOf } from "#catalogue/shown";
import type { ScoreComparison } from "../score-comparisons.ts";
import { settingOf } from "./settings.ts";
import { together, type ClaimEvidence, type ClaimPoint, type Finding, type PointVerdict } from "./claim.ts";

const WORDS: Readonly<Record<ScoreComparison["verdict"], PointVerdict>> = {
  "not worse": "holds",
  worse: "fails",
  open: "undecided",
  "not decidable": "not decidable",
};

/** C3, on every task whose table has a margin. A calibration that failed stops the claims of its suite. */
export function notWorseThanRival(evidence: ClaimEvidence): Finding {
  const otherwise = "no score of LightNet beside a multiplicative rival of equal parameters";
  return foundFrom(evidence.scores.equalTraining, "after equal training", { evidence, otherwise });
}

/** C10: the same against rivals that were trained for as many seconds. */
export function notWorseAtEqualSeconds(evidence: ClaimEvidence): Finding {
  const otherwise =
    "no score of LightNet beside a multiplicative rival of equal parameters trained for as many seconds";
  return foundFrom(evidence.scores.equalSeconds, "at equal seconds", { evidence, otherwise });
}

function foundFrom(
  comparisons: readonly ScoreComparison[],
  what: string,
  { evidence, otherwise }: { readonly evidence: ClaimEvidence; readonly otherwise: string },
): Finding {
  const isStopped = ({ subject }: ScoreComparison): boolean =>
    evidence.gates.some(({ suite, passed }) => passed === false && suite === subject.axes["suite"]);
  const points = comparisons.map((one): ClaimPoint => {
    const { subject, rival, metric, difference } = one;
    return {
      what: isUnnamed(one) ? `${what}, not the authors' model` : what,
      where: { contender: rival.contender, ...settingOf(subject) },
      unit: differenceUnit(scores.get(metric)),
      caseIds: [...subject.caseIds, ...rival.caseIds],
      estimate: difference,
      verdict: isStopped(one) || isUnnamed(one) ? "undecided" : WORDS[one.verdict],
    };
  });
  const notes = [
    ...(comparisons.some(isStopped) ? ["a calibration failed, so nothing is claimed from its suite"] : []),
    ...(comparisons.some(isUnnamed)
      ? ["LightNet's operator was trained without the model that its authors build around it, so nothing is claimed"]
      : []),
  ];
  return together(points, otherwise, notes);
}

/** Trained before models had names: LightNet's operator, without MD-TPE and with other positions than its authors'. */
function isUnnamed({ subject }: ScoreComparison): boolean {
  return modelIdOf(subject.case) === undefined;
}
