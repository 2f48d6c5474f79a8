// Ratios inside a run: contenders of one matchup were measured side by side, so their times are divided round by round.

import { defined } from "#base/defined";
import { groupBy } from "#base/group";
import type { Estimate } from "#stats/estimate";
import { pairedRatioInterval, type PairedRounds } from "#stats/ratio";
import { streamOf, type ResamplingOptions } from "./resampling.ts";
import type { Result } from "./result.ts";
import type { RoundTimes, Times } from "./times.ts";

/** A result beside the baseline of its matchup, in the processes and rounds in which both took part. */
export interface PairedResult {
  readonly result: Result;
  readonly baseline: Result;
  readonly processes: readonly PairedRounds[];
}

/** Time of a result over the time of the baseline contender at the same point, from the same rounds: above 1 is slower. */
export type RatioLookup = (result: Result, baseline: string) => Estimate | undefined;

/** Method of the ratio of a contender to itself. */
export const BY_DEFINITION = "by definition";

/** Every contender of every matchup that holds `baseline`, paired with it; stale results are left out. */
export function pairWithin(results: readonly Result[], baseline: string): PairedResult[] {
  const matchups = groupBy(
    results.filter(({ stale, times }) => !stale && times.size > 0),
    ({ matchup }) => matchup,
  );
  return [...matchups.values()].flatMap((members) => {
    const reference = members.find(({ contender }) => contender === baseline);
    if (reference === undefined) return [];
    return members.flatMap((result) => {
      const processes = result === reference ? [] : pairProcesses(result.times, reference.times);
      return processes.length === 0 ? [] : [{ result, baseline: reference, processes }];
    });
  });
}

/** Looks up paired ratios: pairs are made once per baseline, intervals when they are asked for, once. */
export function ratioLookup(
  results: readonly Result[],
  { resamples, ...options }: ResamplingOptions = {},
): RatioLookup {
  const pairs = new Map<string, ReadonlyMap<string, PairedResult>>();
  const known = new Map<string, Estimate>();
  return ({ id, contender, stale, time }, baseline) => {
    if (stale) return undefined;
    if (contender === baseline && time !== undefined)
      return { estimate: 1, confidence: time.confidence, n: time.n, method: BY_DEFINITION };
    if (!pairs.has(baseline))
      pairs.set(baseline, new Map(pairWithin(results, baseline).map((pair) => [pair.result.id, pair])));
    const pair = pairs.get(baseline)!.get(id);
    const name = `${id}/${baseline}`;
    if (pair !== undefined && !known.has(name))
      known.set(name, pairedRatioInterval(pair.processes, defined({ random: streamOf(name, options), resamples })));
    return known.get(name);
  };
}

function pairProcesses(above: Times, below: Times): PairedRounds[] {
  return [...above].flatMap(([process, rounds]) => pairRounds(rounds, below.get(process)));
}

function pairRounds(above: RoundTimes, below: RoundTimes | undefined): PairedRounds[] {
  const shared = [...above.keys()].filter((round) => below?.has(round));
  if (below === undefined || shared.length === 0) return [];
  return [
    { numerator: shared.map((round) => above.get(round)!), denominator: shared.map((round) => below.get(round)!) },
  ];
}
