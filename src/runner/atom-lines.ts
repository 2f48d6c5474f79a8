// A finished atom in one line: the time of the first contender and the others as multiples of it, scores, bytes.

import { counted } from "#base/counted";
import { visible } from "#base/visible";
import { formatSeconds, type Seconds } from "#base/units";
import { axesOf } from "#catalogue/axes";
import { ratioLookup } from "#evidence/ratios";
import { resultsOf } from "#evidence/result";
import { numbersOf, placeWords, type ResultNumber } from "#report/terminal-table";
import type { RunRecord } from "#store/record";
import type { Atom } from "./plan.ts";

export function describeAtom({ cases, process }: Atom): string {
  const item = cases[0]!;
  const seed = item.kind === "training" ? `, seed ${item.seed}` : "";
  return `${placeWords(axesOf(item))}${seed}, process ${process + 1}`;
}

/** Up to so many contenders each have their number. */
const MOST_NAMED = 4;
// The intervals of single processes are not printed: they need not be drawn well.
const RESAMPLES = 20;

/** `scan-count …, process 1: additive-global 1.2 ms, 9 others 0.91× (tied-2scan) to 24× (softmax-full); 8.1 s`. */
export function atomLine(atom: Atom, records: readonly RunRecord[], seconds: Seconds, everything = false): string {
  const results = resultsOf(records, { resamples: RESAMPLES });
  const numbers = numbersOf(results, ratioLookup(results, { resamples: RESAMPLES }));
  const told = everything || numbers.length <= MOST_NAMED ? numbers.map(oneText) : rangeTexts(numbers);
  return `${describeAtom(atom)}: ${told.join(", ")}; ${formatSeconds(seconds, 2)}`;
}

function oneText({ result, value, ratio }: ResultNumber): string {
  const { contender, time, status } = result;
  if (ratio !== undefined) return `${contender} ${ratio.estimate.toPrecision(3)}×`;
  return `${contender} ${time === undefined || status !== "ok" ? value : formatSeconds(time.estimate)}`;
}

/** The first, the fastest and the slowest of the others, and how many have no time. */
function rangeTexts(numbers: readonly ResultNumber[]): string[] {
  const [base, ...others] = numbers;
  const timed = others.flatMap(({ result: { contender }, ratio }) =>
    ratio === undefined ? [] : [{ contender, ratio: ratio.estimate }],
  );
  if (timed.length === 0) return numbers.map(oneText);
  const [least, most] = [
    timed.toSorted((a, b) => a.ratio - b.ratio)[0]!,
    timed.toSorted((a, b) => b.ratio - a.ratio)[0]!,
  ];
  const text = ({ contender, ratio }: typeof least): string => `${ratio.toPrecision(3)}× (${contender})`;
  const without = others.length - timed.length;
  return [
    oneText(base!),
    `${counted(timed.length, "other")} ${text(least)} to ${text(most)}`,
    ...(without === 0 ? [] : [`${without} without a time`]),
  ];
}

/** Why cases of an atom have no result, a line each. */
export function reasonLines(records: readonly RunRecord[]): string[] {
  return records.flatMap((record) =>
    record.status === "ok" ? [] : [`  ${record.status} ${record.case.contender}: ${visible(record.reason)}`],
  );
}
