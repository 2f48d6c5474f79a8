// What an evaluation of a claim gives: points as data, and how they make one verdict. The words are the report's.

import type { Estimate } from "#stats/estimate";
import type { Growth } from "../growth.ts";
import type { Gate } from "../gates.ts";
import type { Decomposition } from "../decomposition.ts";
import type { RatioLookup } from "../ratios.ts";
import type { Result } from "../result.ts";
import type { ScoreComparisons } from "../score-comparisons.ts";

/** not decidable: no contender beats the simple baseline of the task */
export type PointVerdict = "holds" | "fails" | "undecided" | "not decidable";
export type ClaimVerdict = PointVerdict | "not tested";

/** What a number is measured in: a plain number (ratio, slope), percentage points, or the unit of a score. */
export type PointUnit = "plain" | "points" | "nats" | "score";

export interface ClaimPoint {
  /** what is estimated here; absent: the claim's own statistic */
  readonly what?: string;
  /** axes by name, and `contender` where several are looked at */
  readonly where: Readonly<Record<string, string | number | boolean>>;
  /** absent: it could not be estimated, and `what` says of what */
  readonly estimate?: Estimate;
  readonly unit: PointUnit;
  /** absent: shown beside, decides nothing */
  readonly verdict?: PointVerdict;
  readonly caseIds: readonly string[];
}

export interface Claim {
  readonly id: string;
  readonly verdict: ClaimVerdict;
  readonly scale: string;
  readonly points: readonly ClaimPoint[];
  /** what is missing, or why nothing could be tested */
  readonly notes: readonly string[];
}

export type Finding = Pick<Claim, "verdict" | "points" | "notes">;

/** Everything a claim may look at; stale results are already left out. */
export interface ClaimEvidence {
  readonly results: readonly Result[];
  readonly ratios: RatioLookup;
  readonly growth: ReadonlyMap<string, Growth>;
  readonly decompositions: readonly Decomposition[];
  readonly scores: ScoreComparisons;
  readonly gates: readonly Gate[];
}

export function notTested(note: string): Finding {
  return { verdict: "not tested", points: [], notes: [note] };
}

/** A claim holds if it holds at every point, and fails if it fails at any. */
export function together(points: readonly ClaimPoint[], otherwise: string, notes: readonly string[] = []): Finding {
  const verdicts = points.flatMap(({ verdict }) => verdict ?? []);
  if (verdicts.length === 0) return notTested(otherwise);
  const every = (["holds", "not decidable"] as const).find((word) => verdicts.every((verdict) => verdict === word));
  return { verdict: verdicts.includes("fails") ? "fails" : (every ?? "undecided"), points, notes };
}

export interface Limits {
  readonly holds: (low: number, high: number) => boolean;
  readonly fails: (low: number, high: number) => boolean;
}

/** Interval against two limits; an estimate without interval, or from fewer units than needed, decides nothing. */
export function judge({ low, high, n }: Estimate, limits: Limits, leastUnits = 2): PointVerdict {
  if (low === undefined || high === undefined || n < leastUnits) return "undecided";
  if (limits.holds(low, high)) return "holds";
  return limits.fails(low, high) ? "fails" : "undecided";
}

/** The interval lies within ±limit, or wholly outside. */
export function within(least: number, most: number): Limits {
  return { holds: (low, high) => low >= least && high <= most, fails: (low, high) => low > most || high < least };
}
