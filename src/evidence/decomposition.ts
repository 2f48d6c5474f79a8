// Where the speed-up of one additive scan over two directions comes from: a product of three ratios of contenders that
// differ in one thing each.
//
//   T(2 scans) / T(additive)  =  T(2 scans) / T(1 scan)  ·  T(1 scan) / T(order-free)  ·  T(order-free) / T(additive)
//                                number of scans            freedom of order             additivity
//
// 1 and 2 scans: vector decay. Order-free: plain linear attention without decay.

import { groupBy } from "#base/group";
import type { Estimate } from "#stats/estimate";
import { SUBJECT } from "./point.ts";
import type { RatioLookup } from "./ratios.ts";
import type { Result } from "./result.ts";

const [TWO_SCANS, ONE_SCAN, ORDER_FREE] = ["vector-2scan", "vector-1scan", "linear-global"] as const;

/** The whole and its factors, each a contender over another of the same matchup. */
export const FACTORS = [
  { id: "whole", title: "2 scans / additive", above: TWO_SCANS, below: SUBJECT },
  { id: "scans", title: "number of scans", above: TWO_SCANS, below: ONE_SCAN },
  { id: "order", title: "freedom of order", above: ONE_SCAN, below: ORDER_FREE },
  { id: "additivity", title: "additivity", above: ORDER_FREE, below: SUBJECT },
] as const;

export type FactorId = (typeof FACTORS)[number]["id"];

export interface Decomposition {
  /** any result at the point: its axes say where */
  readonly at: Result;
  readonly ratios: Readonly<Record<FactorId, Estimate>>;
  readonly caseIds: readonly string[];
}

/** The decomposition at every point at which all four contenders were timed side by side. */
export function decompositionsOf(results: readonly Result[], ratios: RatioLookup): readonly Decomposition[] {
  const timed = results.filter(({ time, stale }) => time !== undefined && !stale);
  return [...groupBy(timed, ({ place }) => place).values()].flatMap((members): Decomposition[] => {
    const find = (contender: string) => members.find((result) => result.contender === contender);
    const found = FACTORS.flatMap(({ id, above, below }) => {
      const upper = find(above);
      const ratio = upper === undefined || find(below) === undefined ? undefined : ratios(upper, below);
      return ratio === undefined ? [] : [[id, ratio] as const];
    });
    if (found.length < FACTORS.length) return [];
    const caseIds = [TWO_SCANS, ONE_SCAN, ORDER_FREE, SUBJECT].map((contender) => find(contender)!.id);
    return [{ at: members[0]!, ratios: Object.fromEntries(found) as Record<FactorId, Estimate>, caseIds }];
  });
}
