// Sentences about gates, baselines and comparisons, the same in tables and claims.

import type { Gate } from "#evidence/gates";
import type { ScoreComparison } from "#evidence/score-comparisons";
import type { Estimate } from "#stats/estimate";
import { printDifference, printEstimate } from "./print.ts";

export function gateText({ model, score, published, tolerance, source, reached, passed }: Gate): string {
  const named = `${model}, ${score} ${published} ± ${tolerance} published (${source})`;
  if (reached === undefined) return `Calibration not run: ${named}.`;
  const outcome = passed === true ? "passed" : "failed, so nothing is claimed from this suite";
  return `Calibration ${outcome}: ${named}, ${printEstimate(reached, "plain")} here, n = ${reached.n}.`;
}

/** What a comparison says of LightNet. */
export function verdictText({ verdict, difference }: ScoreComparison, unit: DifferenceUnit): string {
  const n = `n = ${difference.n}`;
  if (verdict === "not worse") return `LightNet is not worse (${n})`;
  if (verdict === "open") return `open (${n})`;
  if (verdict === "not decidable") return "not decidable here: neither beats the simple baseline";
  return `LightNet is worse by ${printDifference(turned(difference), unit, "")} (${n})`;
}

export type DifferenceUnit = Parameters<typeof printDifference>[1];

/** A loss as a positive number. */
function turned({ estimate, low, high, ...rest }: Estimate): Estimate {
  const ends = low === undefined || high === undefined ? {} : { low: -high, high: -low };
  return { ...rest, estimate: -estimate, ...ends };
}
