// A contender's score beside LightNet's, paired by seed: the comparison that tables and claims read, seen from the contender.

import type { Figure } from "#case/suite";
import { differenceUnit, scores as catalogue } from "#catalogue/scores";
import { subjectAmong } from "#evidence/point";
import { BY_DEFINITION } from "#evidence/ratios";
import type { Result } from "#evidence/result";
import type { ScoreComparison, ScoreComparisons } from "#evidence/score-comparisons";
import type { Estimate } from "#stats/estimate";

/** The figure of differences that goes with one of scores by contender. */
export function differenceFigure(figure: Figure): Figure | undefined {
  const { id, title, x, y, score, kind } = figure;
  if (x !== "contender" || kind !== "bar" || (y !== "score" && y !== "loss")) return undefined;
  const key = y === "loss" ? "loss" : score;
  return {
    ...figure,
    ...(key === undefined ? {} : { score: key }),
    id: `${id}-difference`,
    title: `${title}: difference to LightNet`,
    y: "difference",
  };
}

interface Among {
  readonly scores: ScoreComparisons;
  /** the results of the same picture */
  readonly among: readonly Result[];
}

/**
 * Contender − LightNet, signed so that above zero is better than LightNet, with the two one-sided 95 % limits; LightNet's
 * own is 0. Undefined where LightNet is not in the picture, or nothing there shares two seeds with it.
 */
export function differenceOf(result: Result, key: string, { scores, among }: Among): Estimate | undefined {
  const here = among.filter(({ place }) => place === result.place);
  const found = here.flatMap((one) => comparisonOf(one, key, { scores, among: here }) ?? []);
  const most = Math.max(0, ...found.map(({ difference: { n } }) => n));
  if (most < 2) return undefined;
  const { training } = result;
  if (result === subjectAmong(here))
    return training && { estimate: 0, confidence: 1, n: training.runs.size, method: BY_DEFINITION };
  const own = comparisonOf(result, key, { scores, among: here })?.difference;
  return own && turned(own);
}

/** The comparison of a result with LightNet's of the same picture. */
export function comparisonOf(result: Result, key: string, { scores, among }: Among): ScoreComparison | undefined {
  const found = scores.of(result, key);
  return found !== undefined && among.includes(found.subject) ? found : undefined;
}

/** The loss that would not matter, where it is the same beside every contender. */
export function marginAmong(key: string, { scores, among }: Among): number | undefined {
  const margins = among.flatMap((result) => comparisonOf(result, key, { scores, among })?.margin ?? []);
  const [margin] = margins;
  return margin !== undefined && margins.every((one) => Math.abs(one - margin) < 1e-9) ? margin : undefined;
}

/** What differences of a score are counted in. */
export function differenceQuantity(key: string): "points" | "nats" | "difference" {
  const unit = catalogue.has(key) ? differenceUnit(catalogue.get(key)) : "score";
  return unit === "score" ? "difference" : unit;
}

function turned({ estimate, low, high, ...rest }: Estimate): Estimate {
  const ends = low === undefined || high === undefined ? {} : { low: -high, high: -low };
  return { ...rest, estimate: -estimate, ...ends };
}

const VERDICT_WORDS: Readonly<Record<ScoreComparison["verdict"], string>> = {
  "not worse": "LightNet is not worse",
  worse: "LightNet is worse",
  open: "open",
  "not decidable": "not decidable here",
};

/** What the comparison says of LightNet, without its numbers. */
export function verdictWords({ verdict }: ScoreComparison): string {
  return VERDICT_WORDS[verdict];
}
