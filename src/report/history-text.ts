// A history for the terminal: a line for each case with its course, the runs below it where there are few cases, and steps.

import { groupBy } from "#base/group";
import { counted } from "#base/counted";
import { defined } from "#base/defined";
import { wrap } from "#base/wrap";
import type { HistorySeries, HistoryStep } from "#evidence/history";
import { FALSE_ALARM_RATE, LEAST_VALUES } from "#stats/change-point";
import type { HistoryEntry } from "#store/history";
import { printEstimate, printScore } from "./print.ts";
import { scoreNameOf } from "./score-names.ts";
import { aligned } from "./terminal-table.ts";

/** Beyond this many cases only those with a step are written out run by run. */
const FEW_SERIES = 12;
const MOST_RUNS = 20;
const LINE_LETTERS = 100;

export function historyText(machine: string, series: readonly HistorySeries[]): string {
  if (series.length === 0) return `${machine}: no such case`;
  const runs = new Set(series.flatMap(({ entries }) => entries.map(({ run }) => run))).size;
  const stepped = series.filter(({ steps }) => steps.length > 0);
  const open = series.length <= FEW_SERIES ? series : stepped;
  return [
    `${machine}: ${counted(runs, "run")}, ${counted(series.length, "series", "series")}, ${stepped.length} with a step`,
    ...[...groupBy(series, ({ suite }) => suite)].map(([suite, members]) => suiteText(suite, members)),
    ...open.map(seriesText),
    wrap(methodText(series.length), LINE_LETTERS).join("\n"),
  ].join("\n\n");
}

/** What a step means, and how many would be seen without any. */
export function methodText(count: number): string {
  const expected = Number((count * FALSE_ALARM_RATE).toPrecision(1));
  return `A step is a change of level that a permutation test finds (false alarms: 1 in ${1 / FALSE_ALARM_RATE} series without one, so about ${expected} of these ${count}); it needs ${LEAST_VALUES} runs; lightnet-bench compare judges two. Slow drift of a machine is found as steps too.`;
}

const PART = " · ";

/** A line for each case; what their labels share is said once, above them. */
function suiteText(suite: string, members: readonly HistorySeries[]): string {
  const [first, ...others] = members.map(partsOf);
  const shared = first!.filter((part) => others.every((parts) => parts.includes(part)));
  return `${[suite, ...shared].join(PART)}\n${aligned(members.map((one) => overviewOf(one, shared)))}`;
}

/** Of a label but for suite and contender, which stand before them. */
function partsOf({ label }: HistorySeries): readonly string[] {
  return label.split(PART).slice(2);
}

function overviewOf(series: HistorySeries, shared: readonly string[]): string[] {
  const { contender, quantity, entries, steps } = series;
  const last = entries.at(-1)!;
  const step = steps.at(-1);
  return [
    [contender, ...partsOf(series).filter((part) => !shared.includes(part))].join(" "),
    quantityWords(quantity),
    courseOf(entries),
    valueOf(last),
    step === undefined ? "" : stepText(step, entries),
  ];
}

function seriesText({ label, quantity, entries, steps }: HistorySeries): string {
  const rows = entries.map((entry, index) => {
    const step = steps.find(({ at }) => at === index);
    return [
      entry.at.slice(0, 10),
      commitOf(entry),
      entry.run,
      valueOf(entry),
      `n ${entry.n}`,
      step === undefined ? "" : changeText(step, quantity),
    ];
  });
  const left = rows.length - MOST_RUNS;
  const shown = rows.filter((row, index) => index >= left || row.at(-1) !== "");
  return [
    `${label}, ${quantityWords(quantity)}`,
    ...(left > 0 ? [`  (the last ${MOST_RUNS} of ${rows.length} runs, and steps)`] : []),
    aligned(shown),
  ].join("\n");
}

/** `time`, `test accuracy, top-1`. */
export function quantityWords(quantity: string): string {
  return scoreNameOf(quantity).title.replace(" (%)", "");
}

export function commitOf({ commit, dirty }: HistoryEntry): string {
  return commit === undefined ? "no commit" : `${commit.slice(0, 8)}${dirty === true ? "+" : ""}`;
}

export function valueOf({ quantity, value: estimate, low, high, n }: HistoryEntry): string {
  const value = defined({ estimate, low, high, n, confidence: 0.95, method: "" });
  return quantity === "time" ? printEstimate(value, "seconds") : printScore(quantity, value);
}

/** `▲ 12 % slower`, `▼ better by 0.013`. */
export function changeText({ change, isWorse }: HistoryStep, quantity: string): string {
  const size = Math.abs(change);
  const sign = isWorse ? "▲" : "▼";
  if (quantity === "time") return `${sign} ${(100 * size).toPrecision(2)} % ${isWorse ? "slower" : "faster"}`;
  return `${sign} ${isWorse ? "worse" : "better"} by ${size.toPrecision(2)}`;
}

function stepText(step: HistoryStep, entries: readonly HistoryEntry[]): string {
  const entry = entries[step.at]!;
  return `${changeText(step, entry.quantity)} since ${commitOf(entry)}`;
}

const BLOCKS = [..."▁▂▃▄▅▆▇█"];
const LONGEST_COURSE = 18;

/** The last values as blocks between the lowest and the highest of them. */
function courseOf(entries: readonly HistoryEntry[]): string {
  const values = entries.slice(-LONGEST_COURSE).map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const place = (value: number): number => (high === low ? 0 : (value - low) / (high - low));
  return values.map((value) => BLOCKS[Math.round(place(value) * (BLOCKS.length - 1))]!).join("");
}
