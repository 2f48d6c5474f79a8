// Every claim with its verdict from the records at hand.

import { CLAIMS, UNTESTABLE_CLAIMS } from "#catalogue/claims";
import type { ClaimResult } from "#report/report-data";
import { notTested, type Evidence, type Finding } from "./finding.ts";
import { gainIsDecay } from "./mixing-claim.ts";
import { decayKeepsMore, encodingsCarryPosition } from "./probe-claims.ts";
import { notWorseThanRival } from "./score-claims.ts";
import {
  costIgnoresDimension,
  decodingIsFlat,
  gainIsAdditivity,
  oneScanIsFaster,
  timeIsLinear,
} from "./speed-claims.ts";

const EVALUATIONS: Readonly<Record<string, (evidence: Evidence) => Finding>> = {
  C1: oneScanIsFaster,
  C2: costIgnoresDimension,
  C3: notWorseThanRival,
  C4: gainIsDecay,
  C5: decayKeepsMore,
  C6: encodingsCarryPosition,
  C7: timeIsLinear,
  C8: decodingIsFlat,
  C9: gainIsAdditivity,
};

/** Verdicts in the order of the claims; what no run of this harness can test comes last. */
export function evaluateClaims(evidence: Evidence, scale: string): readonly ClaimResult[] {
  const tested = CLAIMS.map((claim): ClaimResult => {
    const { id, title, sentence, statistic, suites, holdsIf, refutedIf } = claim;
    const { verdict, text, caseIds } =
      EVALUATIONS[id]?.(evidence) ?? notTested(`no record of suite ${suites.join(", ")}`);
    return {
      id,
      title,
      sentence,
      verdict,
      finding: text,
      statistic,
      rule: `Holds if ${holdsIf}; refuted if ${refutedIf}.`,
      suites,
      scale,
      caseIds,
    };
  });
  const untestable = UNTESTABLE_CLAIMS.map(({ id, sentence, reason }): ClaimResult => ({
    id,
    title: "Claimed in the paper, not testable here",
    sentence,
    verdict: "not tested",
    finding: reason,
    statistic: "none",
    rule: "",
    suites: [],
    scale,
    caseIds: [],
  }));
  return [...tested, ...untestable];
}
