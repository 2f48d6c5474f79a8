// What an evaluation of a claim gives, and how several points make one verdict.

import { withMinusSigns } from "#base/units";
import type { CaseSummary } from "../summary.ts";
import type { SeedScores } from "../scores.ts";
import type { Estimate } from "#stats/estimate";
import { formatWithInterval } from "#stats/interval-digits";
import type { RunRecord } from "#store/record";
import type { ClaimVerdict } from "#report/report-data";
import type { CaseView, RatioLookup } from "#report/view";

/** Everything a claim may look at; stale results are already left out. */
export interface Evidence {
  readonly views: readonly CaseView[];
  readonly summaries: readonly CaseSummary[];
  readonly records: readonly RunRecord[];
  readonly scores: readonly SeedScores[];
  readonly ratios: RatioLookup;
}

export interface Finding {
  readonly verdict: ClaimVerdict;
  readonly text: string;
  readonly caseIds: readonly string[];
}

/** One point of a claim: an estimate somewhere, and what it says. */
export interface PointFinding {
  readonly where: string;
  readonly estimate: Estimate;
  readonly verdict: Exclude<ClaimVerdict, "not tested">;
  readonly caseIds: readonly string[];
}

/** What one place says, already in words. */
export interface PartFinding {
  readonly verdict: PointFinding["verdict"];
  readonly text: string;
  readonly caseIds: readonly string[];
}

/** As `together`, of parts that bring their own words. */
export function joined(parts: readonly PartFinding[]): Finding {
  const verdict = parts.some((part) => part.verdict === "fails")
    ? "fails"
    : parts.every((part) => part.verdict === "holds")
      ? "holds"
      : "undecided";
  return {
    verdict,
    text: parts.map(({ text }) => text).join("; "),
    caseIds: [...new Set(parts.flatMap(({ caseIds }) => caseIds))],
  };
}

export function notTested(text: string): Finding {
  return { verdict: "not tested", text, caseIds: [] };
}

/** Interval against two limits; an estimate without interval, or from one process alone, decides nothing. */
export function judge(
  { low, high, n }: Estimate,
  limits: {
    readonly holds: (low: number, high: number) => boolean;
    readonly fails: (low: number, high: number) => boolean;
  },
): PointFinding["verdict"] {
  if (low === undefined || high === undefined || n < 2) return "undecided";
  if (limits.holds(low, high)) return "holds";
  return limits.fails(low, high) ? "fails" : "undecided";
}

/** A claim holds if it holds at every point, and fails if it fails at any. */
export function together(points: readonly PointFinding[]): Finding {
  const verdict = points.some((point) => point.verdict === "fails")
    ? "fails"
    : points.every((point) => point.verdict === "holds")
      ? "holds"
      : "undecided";
  return { verdict, text: describePoints(points), caseIds: [...new Set(points.flatMap(({ caseIds }) => caseIds))] };
}

const SHOWN_POINTS = 3;

/** Where a case lies: the named axes, then engine and scale where the evidence holds several. */
export function placeOf(
  { axes }: CaseView,
  { views }: Evidence,
  named: readonly ("level" | "dims" | "N" | "pass")[],
): string {
  const words = named.map((axis) =>
    axis === "dims" ? `${axes[axis]}-D` : axis === "N" ? `N ${axes[axis]}` : String(axes[axis]),
  );
  const several = ["engine", "scale"].filter((axis) => new Set(views.map((view) => view.axes[axis])).size > 1);
  return [...words, ...several.map((axis) => `${axis} ${axes[axis]}`)].join(", ");
}

function describePoints(points: readonly PointFinding[]): string {
  // Points that decide the verdict come first.
  const rank = { fails: 0, undecided: 1, holds: 2 } as const;
  const ordered = points.toSorted((a, b) => rank[a.verdict] - rank[b.verdict]);
  const shown = ordered
    .slice(0, SHOWN_POINTS)
    .map(
      (point) =>
        `${printed(point.estimate)} (${point.where}, n = ${point.estimate.n}${points.length > 1 ? `: ${point.verdict}` : ""})`,
    );
  const rest = points.length - shown.length;
  return `${shown.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`;
}

export function printed({ estimate, low, high }: Estimate): string {
  return withMinusSigns(formatWithInterval(estimate, low === undefined || high === undefined ? {} : { low, high }));
}
