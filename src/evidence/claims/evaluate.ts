// Every claim with its verdict from the results at hand.

import { CLAIMS, UNTESTABLE_CLAIMS } from "#catalogue/claims";
import { notTested, type Claim, type ClaimEvidence, type Finding } from "./claim.ts";
import { gainIsDecay } from "./mixing-claim.ts";
import { decayKeepsMore, localMixingCarriesDirection, relativeEncodingCarriesDirection } from "./probe-claims.ts";
import { notWorseAtEqualSeconds, notWorseThanRival } from "./score-claims.ts";
import {
  costIgnoresDimension,
  decodingIsFlat,
  gainIsAdditivity,
  oneScanIsFaster,
  timeIsLinear,
} from "./speed-claims.ts";

const EVALUATIONS = new Map<string, (evidence: ClaimEvidence) => Finding>([
  ["C1", oneScanIsFaster],
  ["C2", costIgnoresDimension],
  ["C3", notWorseThanRival],
  ["C4", gainIsDecay],
  ["C5", decayKeepsMore],
  ["C6", localMixingCarriesDirection],
  ["C7", timeIsLinear],
  ["C8", decodingIsFlat],
  ["C9", gainIsAdditivity],
  ["C10", notWorseAtEqualSeconds],
  ["C11", relativeEncodingCarriesDirection],
]);

/** Verdicts in the order of the claims; what no run of this harness can test comes last. */
export function evaluateClaims(evidence: ClaimEvidence, scale: string): readonly Claim[] {
  const tested = CLAIMS.map(({ id, suites }): Claim => {
    const evaluate = EVALUATIONS.get(id) ?? (() => notTested(`no record of suite ${suites.join(", ")}`));
    return { id, scale, ...evaluate(evidence) };
  });
  return [...tested, ...UNTESTABLE_CLAIMS.map(({ id, reason }): Claim => ({ id, scale, ...notTested(reason) }))];
}
