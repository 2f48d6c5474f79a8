// C3: LightNet against the best multiplicative rival, after equal training and after equal seconds.

import type { Headline, ScoreComparison } from "../score-comparisons.ts";
import { settingOf } from "./settings.ts";
import { together, type ClaimEvidence, type ClaimPoint, type Finding, type PointVerdict } from "./claim.ts";

const WORDS: Readonly<Record<ScoreComparison["verdict"], PointVerdict>> = {
  "not worse": "holds",
  worse: "fails",
  open: "undecided",
  "not decidable": "not decidable",
};

/** C3, on every task whose table has a margin. A calibration that failed stops the claims of its suite. */
export function notWorseThanRival({ scores, gates }: ClaimEvidence): Finding {
  const isStopped = ({ subject }: Headline): boolean =>
    gates.some(({ suite, passed }) => passed === false && suite === subject.axes["suite"]);
  const points = scores.headlines.flatMap((headline) => pointsOf(headline, isStopped(headline)));
  const stopped = scores.headlines.some(isStopped);
  return together(
    points,
    "no score of LightNet beside a multiplicative rival of equal parameters",
    stopped ? ["a calibration failed, so nothing is claimed from its suite"] : [],
  );
}

function pointsOf({ subject, rival, final, equalSeconds }: Headline, isStopped: boolean): ClaimPoint[] {
  const common = {
    where: { contender: rival.contender, ...settingOf(subject) },
    unit: final.metric === "loss" ? "nats" : subject.axes["task"] === "image-generation" ? "score" : "points",
    caseIds: [...subject.caseIds, ...rival.caseIds],
  } as const;
  const verdictOf = (one: ScoreComparison | undefined): PointVerdict =>
    one === undefined || isStopped ? "undecided" : WORDS[one.verdict];
  return [
    { what: "after equal training", ...common, estimate: final.difference, verdict: verdictOf(final) },
    equalSeconds === undefined
      ? { what: "at equal seconds: no evaluation early enough", ...common, verdict: "undecided" }
      : { what: "at equal seconds", ...common, estimate: equalSeconds.difference, verdict: verdictOf(equalSeconds) },
  ];
}
