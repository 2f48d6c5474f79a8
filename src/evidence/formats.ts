// A comparison of two runs as text: Markdown for people, JSON and CSV for programs, JUnit for continuous integration, and the
// format of github-action-benchmark.

import { csvText } from "#base/csv";
import { markdownTable } from "#base/markdown";
import { visible } from "#base/visible";
import { formatBytes, withMinusSigns } from "#base/units";
import type { Estimate } from "#stats/estimate";
import { formatWithInterval, roundToInterval } from "#stats/interval-digits";
import type { ComparedItem, ComparedTime } from "./compare-results.ts";
import type { RunComparison } from "./compare-runs.ts";

export const COMPARISON_FORMATS = ["md", "json", "csv", "junit", "github"] as const;
export type ComparisonFormat = (typeof COMPARISON_FORMATS)[number];

/** The whole comparison in one of the formats. */
export function formatComparison(comparison: RunComparison, format: ComparisonFormat): string {
  return { md: toMarkdown, json: toJson, csv: toCsv, junit: toJunit, github: toGithub }[format](comparison);
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

/** A test case for each result: a regression fails, one that could not be decided or is missing is skipped. */
function toJunit({ items, baseline, candidate, regressions }: RunComparison): string {
  const isOpen = ({ verdict, isRegression }: ComparedItem): boolean =>
    !isRegression && (verdict === "ambiguous" || verdict === "missing");
  const cases = items.map((item) => {
    const change = changeOf(item);
    const value = change === undefined ? "" : ` ${formatWithInterval(change.estimate, change)}`;
    const message = xmlText(`${item.verdict}${value}: ${item.reason}`);
    const outcome = item.isRegression
      ? `<failure message="${message}"/>`
      : isOpen(item)
        ? `<skipped message="${message}"/>`
        : `<system-out>${message}</system-out>`;
    return `    <testcase classname="${xmlText(item.suite)}" name="${xmlText(`${item.label}, ${item.quantity}`)}">${outcome}</testcase>`;
  });
  const name = xmlText(`${candidate} against ${baseline}`);
  const counts = `tests="${items.length}" failures="${regressions.length}" skipped="${items.filter(isOpen).length}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${name}" ${counts}>`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text for an attribute or an element; letters that XML does not have are shown instead. */
function xmlText(text: string): string {
  return visible(text).replace(/[&<>"]/g, (letter) => ENTITIES[letter]!);
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
