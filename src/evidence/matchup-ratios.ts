// Ratios inside a run: contenders of one matchup were measured side by side, so their times are divided round by round.

import { groupBy } from "#base/group";
import { Random } from "#base/random";
import type { Estimate } from "#stats/estimate";
import { pairedRatioInterval, type PairedRounds } from "#stats/ratio";
import type { RunRecord } from "#store/record";
import { axesOf, type Axes } from "#catalogue/axes";
import type { Case } from "#case/case";
import { groupByCase } from "./cases.ts";
import { roundTimes, type RoundTimes } from "./rounds.ts";
import { RESAMPLING_SEED, type SummaryOptions } from "./summary.ts";

/** Times of two contenders in the rounds and processes in which both took part. */
export interface PairedCase {
  readonly matchup: string;
  readonly case: Case;
  readonly axes: Axes;
  readonly caseId: string;
  readonly contender: string;
  readonly baseline: string;
  readonly processes: readonly PairedRounds[];
}

export interface MatchupRatio extends Omit<PairedCase, "processes"> {
  /** time of the contender / time of the baseline: above 1 is slower */
  readonly ratio: Estimate;
  readonly processes: number;
  readonly rounds: number;
}

/** Every contender of every matchup that holds `baseline`, paired with it; stale cases and those without times are left out. */
export function pairWithin(records: readonly RunRecord[], baseline: string): PairedCase[] {
  const current = groupByCase(records).filter((group) => !group.stale);
  const matchups = groupBy(current, (group) => group.records[0]!.matchup);
  return [...matchups].flatMap(([matchup, members]) => {
    const reference = members.find((member) => member.case.contender === baseline);
    if (reference === undefined) return [];
    const denominators = roundTimes(reference.records);
    return members
      .filter((member) => member !== reference)
      .map(({ case: item, caseId, records: lines }) => ({
        matchup,
        case: item,
        axes: axesOf(item),
        caseId,
        contender: item.contender,
        baseline,
        processes: pairProcesses(roundTimes(lines), denominators),
      }))
      .filter((pair) => pair.processes.length > 0);
  });
}

/** Ratio of every contender to `baseline` at every point, with the interval of its paired rounds ("k scans / 1 scan"). */
export function ratiosWithin(
  records: readonly RunRecord[],
  baseline: string,
  options: SummaryOptions = {},
): MatchupRatio[] {
  const root = new Random(options.seed ?? RESAMPLING_SEED);
  return pairWithin(records, baseline).map(({ processes, ...pair }) => {
    const random = root.fork(`${pair.caseId}/${baseline}`);
    return {
      ...pair,
      ratio: pairedRatioInterval(processes, {
        random,
        ...(options.resamples === undefined ? {} : { resamples: options.resamples }),
      }),
      processes: processes.length,
      rounds: processes.reduce((sum, rounds) => sum + rounds.numerator.length, 0),
    };
  });
}

function pairProcesses(above: ReadonlyMap<number, RoundTimes>, below: ReadonlyMap<number, RoundTimes>): PairedRounds[] {
  return [...above].flatMap(([process, rounds]) => {
    const others = below.get(process);
    const shared = [...rounds.keys()].filter((round) => others?.has(round));
    if (others === undefined || shared.length === 0) return [];
    return [
      { numerator: shared.map((round) => rounds.get(round)!), denominator: shared.map((round) => others.get(round)!) },
    ];
  });
}
