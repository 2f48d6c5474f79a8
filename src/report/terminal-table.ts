// Results as rows of a terminal, at most 100 letters wide: the first contender's time, the others as multiples of it with
// bars from zero, scores and bytes. What is noisy has a hollow mark.

import { groupBy } from "#base/group";
import { formatBytes } from "#base/units";
import { tasks } from "#catalogue/tasks";
import type { Axes } from "#catalogue/axes";
import { isNoisy } from "#evidence/conditions";
import { subjectAmong } from "#evidence/point";
import { BY_DEFINITION, type RatioLookup } from "#evidence/ratios";
import type { Result } from "#evidence/result";
import type { Estimate } from "#stats/estimate";
import { apartBy } from "./apart-by.ts";
import { labelOfResult } from "./palette.ts";
import { printEstimate, printScore } from "./print.ts";
import { scoreNameOf } from "./score-names.ts";

/** What a result found, as text. */
export interface ResultNumber {
  readonly result: Result;
  /** time, score or bytes with its interval; else its status */
  readonly value: string;
  /** time over that of the first contender; absent for that one, and where there is no time */
  readonly ratio?: Estimate;
}

/** The subject first, else the contender declared first. @param results of one matchup */
export function numbersOf(results: readonly Result[], ratios: RatioLookup): ResultNumber[] {
  const base = subjectAmong(results.filter(({ time }) => time !== undefined)) ?? results[0];
  return results.map((result) => {
    const ratio = result === base ? undefined : ratios(result, base!.contender);
    const isNumber = ratio !== undefined && ratio.method !== BY_DEFINITION;
    return { result, value: valueOf(result), ...(isNumber ? { ratio } : {}) };
  });
}

function valueOf(result: Result): string {
  const { status, time, memory, case: item } = result;
  if (status !== "ok") return status;
  if (memory !== undefined) return formatBytes(memory.enginePeakBytes ?? memory.processPeakBytes ?? memory.leastBytes);
  if (item.kind !== "training") return time === undefined ? "no time" : printEstimate(time, "seconds");
  const score = scoreOf(result);
  return score === undefined ? "no score" : `${score.title} ${score.text}`;
}

interface ResultScore {
  readonly title: string;
  readonly text: string;
  /** less is better */
  readonly rank: number;
}

/** The score that the task of a training is judged by. */
function scoreOf({ training, case: item }: Result): ResultScore | undefined {
  if (item.kind !== "training") return undefined;
  const name = tasks.has(item.task) ? tasks.get(item.task).metric.name : (training?.scores.keys().next().value ?? "");
  const score = training?.scores.get(name);
  if (score === undefined) return undefined;
  const { title, better } = scoreNameOf(name);
  const text = printScore(name, score);
  return { title: title.replace(" (%)", ""), text, rank: (better === "lower" ? 1 : -1) * score.estimate };
}

/** What tells a place from others, in the order of a sentence; the seed of a training follows from its number of seeds. */
const SAID: readonly (keyof Axes)[] = ["level", "pass", "quantity", "grid", "task", "dataset", "variant"];

/** `scan-count operator forward 32x32`: what says nothing is left out. */
export function placeWords(axes: Axes): string {
  const said = SAID.filter((name) => axes[name] !== undefined && axes[name] !== "time");
  const task = axes["task"] === axes["suite"] ? "task" : undefined;
  return [axes["suite"], ...said.filter((name) => name !== task).map((name) => axes[name])].join(" ");
}

/** Every result below the place it was measured at. */
export function resultsText(results: readonly Result[], ratios: RatioLookup): string {
  const places = [...groupBy(results, ({ matchup, training }) => (training === undefined ? matchup : ""))].flatMap(
    ([matchup, members]) => (matchup === "" ? [...groupBy(members, ({ place }) => place).values()] : [members]),
  );
  const namesakes = groupBy(places, ([first]) => placeWords(first!.axes));
  return places
    .map((members) => {
      const [first] = members;
      const words = placeWords(first!.axes);
      const others = namesakes.get(words)!.map(([other]) => other!);
      const apart = first!.training === undefined ? [] : apartBy(first!, others, "contender");
      return placeText([words, ...apart].join(", "), members, ratios);
    })
    .join("\n\n");
}

function placeText(place: string, members: readonly Result[], ratios: RatioLookup): string {
  const twins = groupBy(members, nameOf);
  const rows = sorted(numbersOf(members, ratios)).map(({ result, value, ratio }) => [
    [nameOf(result), ...apartBy(result, twins.get(nameOf(result))!)].join(", "),
    scoreOf(result)?.text ?? value,
    ratio === undefined ? "" : `${printEstimate(ratio, "plain")}×`,
  ]);
  const titles = new Set(members.flatMap((member) => scoreOf(member)?.title ?? []));
  const counts = [...new Set(members.map(({ n }) => n))].toSorted((a, b) => a - b);
  const n = counts.length > 1 ? `${counts[0]} to ${counts.at(-1)}` : counts.join();
  return `${[place, ...titles, `n = ${n}`].join(", ")}\n${aligned(rows)}`;
}

/** The base first, then from fast to slow and from the best score to the worst, then what has neither. */
function sorted(numbers: readonly ResultNumber[]): ResultNumber[] {
  const isBase = ({ result: { time }, ratio }: ResultNumber): boolean => time !== undefined && ratio === undefined;
  const rankOf = (number: ResultNumber): number =>
    isBase(number) ? 0 : (number.ratio?.estimate ?? scoreOf(number.result)?.rank ?? Infinity);
  return numbers.toSorted((a, b) => (rankOf(a) === rankOf(b) ? 0 : rankOf(a) - rankOf(b)));
}

/** Ratios from fast to slow as bars from zero. @param results of one matchup */
export function ratioBars(results: readonly Result[], ratios: RatioLookup): string {
  const rows = sorted(numbersOf(results, ratios)).map(({ result, value, ratio }, index) => {
    if (ratio !== undefined) return [nameOf(result), printEstimate(ratio, "plain"), barOf(ratio.estimate)];
    return [nameOf(result), value, index === 0 ? barOf(1) : ""];
  });
  return aligned(rows);
}

function nameOf(result: Result): string {
  return `${labelOfResult(result)}${isNoisy(result) ? " ◦" : ""}`;
}

const LETTERS_PER_UNIT = 8;
const LONGEST_BAR = 3 * LETTERS_PER_UNIT;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** `████████████▍` is 1.55; what is longer than three ends in an arrow. */
function barOf(ratio: number): string {
  const letters = Math.round(8 * LETTERS_PER_UNIT * ratio) / 8;
  if (letters > LONGEST_BAR) return `${"█".repeat(LONGEST_BAR - 1)}▸`;
  return "█".repeat(Math.floor(letters)) + EIGHTHS[8 * (letters % 1)]!;
}

/** Columns below each other, two letters from the edge. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, index) => Math.max(most[index] ?? 0, cell.length)),
    [],
  );
  return rows
    .map((row) => `  ${row.map((cell, index) => cell.padEnd(widths[index]!)).join("  ")}`.trimEnd())
    .join("\n");
}
