// A comparison of two runs as text: Markdown for people, JSON and CSV for programs, and the format of
// github-action-benchmark.

import { csvText } from "#base/csv";
import { markdownTable } from "#base/markdown";
import { formatBytes, withMinusSigns } from "#base/units";
import type { Estimate } from "#stats/estimate";
import { formatWithInterval, roundToInterval } from "#stats/interval-digits";
import type { ComparedItem, ComparedTime } from "./compare-results.ts";
import type { RunComparison } from "./compare-runs.ts";

export const COMPARISON_FORMATS = ["md", "json", "csv", "github"] as const;
export type ComparisonFormat = (typeof COMPARISON_FORMATS)[number];

/** The whole comparison in one of the four formats. */
export function formatComparison(comparison: RunComparison, format: ComparisonFormat): string {
  return { md: toMarkdown, json: toJson, csv: toCsv, github: toGithub }[format](comparison);
}

function toJson(comparison: RunComparison): string {
  return `${JSON.stringify(comparison, undefined, 2)}\n`;
}

const ORDER = ["slower", "worse", "missing", "faster", "ambiguous", "same", "not worse"] as const;

function toMarkdown(comparison: RunComparison): string {
  const { baseline, candidate, thresholds, counts, suites, memory, warnings } = comparison;
  const items = comparison.items.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  const told = ORDER.filter((word) => counts[word] > 0 || word === "slower").map((word) => `${counts[word]} ${word}`);
  const blocks = [
    `# ${candidate} against ${baseline}`,
    `${told.join(", ")}; noise ${100 * thresholds.noise} %, α ${thresholds.alpha} after Holm. Times: candidate / baseline, above 1 is slower. Scores: candidate − baseline over shared seeds, above 0 is better.`,
    ...warnings.map((warning) => `> ${warning}`),
    markdownTable(
      ["suite", "cases", "geometric mean of ratios"],
      suites.map(({ suite, cases: n, ratio }) => [suite, String(n), formatWithInterval(ratio.estimate, ratio)]),
    ),
    markdownTable(["verdict", "case", "of", "change", "n", "why"], items.map(rowOf)),
    ...(memory.length === 0
      ? []
      : [
          markdownTable(
            ["memory of", "baseline", "candidate"],
            memory.map((item) => [item.label, formatBytes(item.baselineBytes), formatBytes(item.candidateBytes)]),
          ),
        ]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function rowOf(item: ComparedItem): string[] {
  const { verdict, label, quantity, n, reason, isRegression } = item;
  const word = verdict === "missing" && isRegression ? "missing (broken)" : verdict;
  const change = changeOf(item);
  const text = change === undefined ? "" : withMinusSigns(formatWithInterval(change.estimate, change));
  return [word, label, quantity, text, `${n.baseline} / ${n.candidate}`, reason];
}

function changeOf(item: ComparedItem): Estimate | undefined {
  return "ratio" in item ? item.ratio : "difference" in item ? item.difference : undefined;
}

function toCsv({ items }: RunComparison): string {
  const rows = items.map((item): Readonly<Record<string, unknown>> => ({
    suite: item.suite,
    contender: item.contender,
    case_id: item.caseId,
    label: item.label,
    quantity: item.quantity,
    verdict: item.verdict,
    regression: item.isRegression,
    incomplete: item.isIncomplete,
    ...("ratio" in item ? timeCells(item) : {}),
    ...("difference" in item ? ends("difference", item.difference) : {}),
    n_baseline: item.n.baseline,
    n_candidate: item.n.candidate,
    reason: item.reason,
  }));
  const columns = [...new Set(["suite", ...rows.flatMap((row) => Object.keys(row))])];
  return csvText([columns, ...rows.map((row) => columns.map((name) => row[name]))]);
}

function timeCells({ ratio, test, baselineSeconds, candidateSeconds, unseenBelow }: ComparedTime) {
  return {
    ...ends("ratio", ratio),
    baseline_seconds: baselineSeconds,
    candidate_seconds: candidateSeconds,
    p_value: test?.pValue,
    p_adjusted: test?.adjustedPValue,
    unseen_below: unseenBelow,
  };
}

function ends(name: string, { estimate, low, high }: Estimate) {
  return { [name]: estimate, [`${name}_low`]: low, [`${name}_high`]: high };
}

/** `customSmallerIsBetter` of github-action-benchmark: the candidate's times, half the interval's width as range. */
function toGithub({ items, baseline }: RunComparison): string {
  const entries = items.flatMap((item) => {
    if (!("ratio" in item)) return [];
    const { low, high } = item.ratio;
    const half = low === undefined || high === undefined ? undefined : ((high - low) / 2) * item.baselineSeconds;
    return [
      {
        name: item.label,
        unit: "s",
        value: item.candidateSeconds,
        ...(half === undefined ? {} : { range: `± ${half.toPrecision(2)}` }),
        extra: `${item.verdict}: ${roundToInterval(item.ratio.estimate, item.ratio)} × ${baseline}`,
      },
    ];
  });
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}
