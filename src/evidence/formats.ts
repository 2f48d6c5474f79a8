// A comparison as text: Markdown for people, JSON and CSV for programs, and the format of github-action-benchmark.

import { csvText } from "#base/csv";
import { markdownTable } from "#base/markdown";
import { formatBytes } from "#base/units";
import { formatWithInterval, roundToInterval } from "#stats/interval-digits";
import type { Comparison } from "./compare-runs.ts";
import type { CaseVerdict, ComparedCase } from "./judge.ts";

export const COMPARISON_FORMATS = ["md", "json", "csv", "github"] as const;
export type ComparisonFormat = (typeof COMPARISON_FORMATS)[number];

/** The whole comparison in one of the four formats. */
export function formatComparison(comparison: Comparison, format: ComparisonFormat): string {
  return { md: toMarkdown, json: toJson, csv: toCsv, github: toGithub }[format](comparison);
}

function toJson(comparison: Comparison): string {
  return `${JSON.stringify(comparison, undefined, 2)}\n`;
}

const ORDER = ["slower", "missing", "faster", "ambiguous", "same"] as const;

function toMarkdown(comparison: Comparison): string {
  const { baseline, candidate, thresholds, counts, suites, memory, warnings } = comparison;
  const cases = comparison.cases.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  const blocks = [
    `# ${candidate} against ${baseline}`,
    `${ORDER.map((word) => `${counts[word]} ${word}`).join(", ")}; noise ${100 * thresholds.noise} %, α ${thresholds.alpha} after Holm. Ratios are candidate / baseline time: above 1 is slower.`,
    ...warnings.map((warning) => `> ${warning}`),
    markdownTable(
      ["suite", "cases", "geometric mean of ratios"],
      suites.map(({ suite, cases: n, ratio }) => [suite, String(n), formatWithInterval(ratio.estimate, ratio)]),
    ),
    markdownTable(["verdict", "case", "ratio", "processes", "why"], cases.map(rowOf)),
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

function rowOf(item: CaseVerdict): string[] {
  if (item.verdict === "missing")
    return [item.broken ? "missing (broken)" : "missing", item.label, "", "", item.reason];
  return [
    item.verdict,
    item.label,
    formatWithInterval(item.ratio.estimate, item.ratio),
    `${item.baselineProcesses} / ${item.candidateProcesses}`,
    item.reason,
  ];
}

const CSV_COLUMNS = [
  "suite", "contender", "case_id", "label", "verdict", "ratio", "ratio_low", "ratio_high", "baseline_seconds", "candidate_seconds",
  "baseline_processes", "candidate_processes", "p_value", "p_adjusted", "test_can_speak", "reason",
] as const; // prettier-ignore

function toCsv({ cases }: Comparison): string {
  const rows = cases.map((item) => ({
    suite: item.suite,
    contender: item.contender,
    case_id: item.caseId,
    label: item.label,
    verdict: item.verdict,
    reason: item.reason,
    ...(item.verdict === "missing" ? {} : measuredCells(item)),
  }));
  return csvText([
    CSV_COLUMNS,
    ...rows.map((row: Readonly<Record<string, unknown>>) => CSV_COLUMNS.map((name) => row[name])),
  ]);
}

function measuredCells({ ratio, test, ...item }: ComparedCase): Readonly<Record<string, unknown>> {
  return {
    ratio: ratio.estimate,
    ratio_low: ratio.low,
    ratio_high: ratio.high,
    baseline_seconds: item.baselineSeconds,
    candidate_seconds: item.candidateSeconds,
    baseline_processes: item.baselineProcesses,
    candidate_processes: item.candidateProcesses,
    p_value: test.pValue,
    p_adjusted: test.adjustedPValue,
    test_can_speak: test.canSpeak,
  };
}

/** `customSmallerIsBetter` of github-action-benchmark: the candidate's times, half the interval's width as range. */
function toGithub({ cases, baseline }: Comparison): string {
  const entries = cases.flatMap((item) => {
    if (item.verdict === "missing") return [];
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
