// Two contenders of one run, measured side by side: a verdict for each point from ratios of the same rounds. The way to judge two
// versions of one kernel, since whatever disturbs one disturbs the other.

import { UsageError } from "#base/errors";
import { markdownTable } from "#base/markdown";
import type { Estimate } from "#stats/estimate";
import { formatWithInterval } from "#stats/interval-digits";
import { ratioLookup } from "./ratios.ts";
import { resultsOf, type Result } from "./result.ts";
import { joinRuns, type Run } from "./runs.ts";
import { judgeTime, type Thresholds, type TimeWord } from "./verdict.ts";

export interface PairVerdict {
  readonly label: string;
  readonly baseline: string;
  readonly candidate: string;
  /** candidate / baseline, from the same rounds; absent where one has no time */
  readonly ratio?: Estimate;
  readonly verdict: TimeWord | "missing";
  readonly reason: string;
  /** slower, or without a time where the other has one */
  readonly isRegression: boolean;
}

/**
 * Every point where both take part. `b` stands for itself, and as a program for each of its operators `b/…` beside `a/…`.
 *
 * @throws {UsageError} they share no point
 */
export function compareContenders(run: Run, [a, b]: readonly [string, string], thresholds: Thresholds): PairVerdict[] {
  const results = resultsOf(joinRuns([run]).records).filter(
    ({ stale, axes }) => !stale && axes["quantity"] !== "memory",
  );
  const ratioOf = ratioLookup(results);
  const pairs = results.flatMap((candidate) => {
    const name = counterpart(candidate.contender, b, a);
    const baseline = results.find(({ matchup, contender }) => matchup === candidate.matchup && contender === name);
    return baseline === undefined
      ? []
      : [verdictOf(candidate, baseline, ratioOf(candidate, baseline.contender), thresholds)];
  });
  if (pairs.length > 0) return pairs;
  const known = [...new Set(results.map(({ contender }) => contender))].sort().join(", ");
  throw new UsageError(`${a} and ${b} share no point in ${run.manifest.run}. Contenders with times there: ${known}.`);
}

/** `new/additive-global` → `old/additive-global`. */
function counterpart(contender: string, from: string, to: string): string | undefined {
  if (contender === from) return to;
  return contender.startsWith(`${from}/`) ? to + contender.slice(from.length) : undefined;
}

function verdictOf(
  { label, contender: candidate, failures, times }: Result,
  { contender: baseline, times: before }: Result,
  ratio: Estimate | undefined,
  thresholds: Thresholds,
): PairVerdict {
  const named = { label, baseline, candidate };
  if (ratio !== undefined) {
    const { word, reason } = judgeTime(ratio, thresholds);
    return { ...named, ratio, verdict: word, reason, isRegression: word === "slower" };
  }
  const who = times.size === 0 ? candidate : baseline;
  const why = times.size === 0 ? failures[0]?.reason : undefined;
  const reason =
    before.size > 0 && times.size > 0
      ? "no round in common"
      : `no time of ${who}${why === undefined ? "" : `: ${why}`}`;
  return { ...named, verdict: "missing", reason, isRegression: times.size === 0 && before.size > 0 };
}

export function pairsAsMarkdown(pairs: readonly PairVerdict[]): string {
  const change = ({ ratio }: PairVerdict) => (ratio === undefined ? "" : formatWithInterval(ratio.estimate, ratio));
  return markdownTable(
    ["verdict", "case", "over", "time ratio", "n", "why"],
    pairs.map((pair) => [
      pair.verdict,
      pair.label,
      pair.baseline,
      change(pair),
      String(pair.ratio?.n ?? 0),
      pair.reason,
    ]),
  );
}
