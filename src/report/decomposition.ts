// Where the speed-up of one additive scan over two directions comes from: a product of three ratios of contenders that
// differ in one thing each.
//
//   T(2 scans) / T(additive)  =  T(2 scans) / T(1 scan)  ·  T(1 scan) / T(order-free)  ·  T(order-free) / T(additive)
//                                number of scans            freedom of order             additivity
//
// 1 and 2 scans: vector decay. Order-free: plain linear attention without decay.

import { groupBy } from "#base/group";
import type { Estimate } from "#stats/estimate";
import type { CaseView, RatioLookup } from "./view.ts";

const [TWO_SCANS, ONE_SCAN, ORDER_FREE, SUBJECT] = [
  "vector-2scan",
  "vector-1scan",
  "linear-global",
  "additive-global",
] as const;

/** The whole and its factors, each a contender over another of the same matchup. */
export const FACTORS = [
  { id: "whole", title: "2 scans / additive", above: TWO_SCANS, below: SUBJECT },
  { id: "scans", title: "number of scans", above: TWO_SCANS, below: ONE_SCAN },
  { id: "order", title: "freedom of order", above: ONE_SCAN, below: ORDER_FREE },
  { id: "additivity", title: "additivity", above: ORDER_FREE, below: SUBJECT },
] as const;

export type FactorId = (typeof FACTORS)[number]["id"];

export interface Decomposition {
  /** any case at the point: its axes say where */
  readonly at: CaseView;
  readonly ratios: Readonly<Record<FactorId, Estimate>>;
  readonly caseIds: readonly string[];
}

const POINT_AXES = ["suite", "level", "pass", "dims", "N", "B", "H", "D", "engine", "scale", "precision"] as const;

/** The decomposition at every point at which all four contenders were timed side by side. */
export function decompositionsOf(views: readonly CaseView[], ratios: RatioLookup): readonly Decomposition[] {
  const timed = views.filter(({ time, stale }) => time !== undefined && !stale);
  const points = groupBy(timed, ({ axes }) => JSON.stringify(POINT_AXES.map((axis) => axes[axis])));
  return [...points.values()].flatMap((point): Decomposition[] => {
    const find = (contender: string): CaseView | undefined => point.find((view) => view.contender === contender);
    const found = FACTORS.flatMap(({ id, above, below }) => {
      const upper = find(above);
      const ratio = upper === undefined || find(below) === undefined ? undefined : ratios(upper, below);
      return ratio === undefined ? [] : [[id, ratio] as const];
    });
    if (found.length < FACTORS.length) return [];
    const caseIds = [TWO_SCANS, ONE_SCAN, ORDER_FREE, SUBJECT].map((contender) => find(contender)!.caseId);
    return [{ at: point[0]!, ratios: Object.fromEntries(found) as Record<FactorId, Estimate>, caseIds }];
  });
}
