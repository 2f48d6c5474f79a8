// A finished atom, and a finished run, in numbers: the median of the first contender and the others as multiples of it, scores, bytes.

import { visible } from "#base/visible";
import { formatBytes, formatSeconds, type Seconds } from "#base/units";
import { caseId, type Case } from "#case/case";
import { axesOf } from "#catalogue/axes";
import { tasks } from "#catalogue/tasks";
import type { Atom } from "#runner/plan";
import { effectiveRecords } from "#store/atoms";
import type { RunRecord } from "#store/record";
import { groupBy } from "#base/group";
import { median } from "#stats/quantiles";

const SHOWN_AXES = ["level", "pass", "quantity", "grid", "task", "dataset", "seed"];

/** `scan-count level=operator pass=forward grid=32x32`; what says nothing is left out. */
export function placeOf(item: Case): string {
  const axes = axesOf(item);
  const isSaid = (name: string) => name in axes && !(name === "quantity" && axes[name] === "time");
  const shown = SHOWN_AXES.filter(isSaid).map((name) => `${name}=${String(axes[name])}`);
  return [item.suite, ...shown].join(" ");
}

export function describeAtom({ cases, process }: Atom): string {
  return `${placeOf(cases[0]!)}, process ${process + 1}`;
}

/** `scan-count …, process 1: additive-global 1.2 ms, vector-2scan 1.52×, softmax-full oom; 8.1 s`. */
export function atomLine(atom: Atom, records: readonly RunRecord[], seconds: Seconds): string {
  const numbers = numbersOf(records).map(({ contender, value, ratio }) => `${contender} ${ratio ?? value}`);
  return `${describeAtom(atom)}: ${numbers.join(", ")}; ${formatSeconds(seconds, 2)}`;
}

/** Why cases of an atom have no result, a line each. */
export function reasonLines(records: readonly RunRecord[]): string[] {
  return records.flatMap((record) =>
    record.status === "ok" ? [] : [`  ${record.status} ${record.case.contender}: ${visible(record.reason)}`],
  );
}

interface CaseNumber {
  readonly contender: string;
  readonly value: string;
  /** of a time: multiple of the first one's; absent for the first */
  readonly ratio?: string;
}

/** A number for each case; records of several processes of a case are one number. */
export function numbersOf(records: readonly RunRecord[]): CaseNumber[] {
  let base: number | undefined;
  return [...groupBy(records, (record) => caseId(record.case)).values()].map((lines) => {
    const { contender } = lines[0]!.case;
    const time = timeOf(lines);
    if (time === undefined) return { contender, value: otherNumberOf(lines) };
    const ratio = base === undefined ? {} : { ratio: `${(time / base).toPrecision(3)}×` };
    base ??= time;
    return { contender, value: formatSeconds(time), ...ratio };
  });
}

/** The median of the medians of the processes. */
function timeOf(records: readonly RunRecord[]): Seconds | undefined {
  const processes = [...groupBy(records, ({ process }) => String(process)).values()]
    .map((lines) => lines.flatMap((line) => (line.status === "ok" ? (line.secondsSamples ?? []) : [])))
    .filter((samples) => samples.length > 0);
  return processes.length === 0 ? undefined : median(processes.map((samples) => median(samples)));
}

function otherNumberOf(records: readonly RunRecord[]): string {
  const measured = records.find((record) => record.status === "ok");
  if (measured === undefined) return records[0]!.status;
  const { memory, training, case: item } = measured;
  if (memory !== undefined) return formatBytes(memory.enginePeakBytes ?? memory.processPeakBytes ?? memory.leastBytes);
  if (training === undefined || item.kind !== "training") return "no time";
  const name = tasks.has(item.task) ? tasks.get(item.task).metric.name : Object.keys(training.scores)[0]!;
  const score = training.scores[name];
  return score === undefined ? "no score" : `${name} ${score.toPrecision(4)}`;
}

const MOST_ROWS = 60;

/** What a run found: a row for each contender of each matchup, memory and trainings below their kind. */
export function resultTable(records: readonly RunRecord[]): string {
  const rows = [...groupBy(effectiveRecords(records), (record) => placeOf(record.case)).entries()].flatMap(
    ([place, lines]) =>
      numbersOf(lines).map(({ contender, value, ratio }, index) => [
        index === 0 ? place : "",
        contender,
        value,
        ratio ?? "",
      ]),
  );
  const shown = rows.slice(0, MOST_ROWS);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...shown.map((row) => row[column]!.length)));
  const lines = shown.map(([place, contender, value, ratio]) =>
    `${place!.padEnd(widths[0]!)}  ${contender!.padEnd(widths[1]!)}  ${value!.padStart(widths[2]!)}  ${ratio!}`.trimEnd(),
  );
  const rest = rows.length - shown.length;
  return [...lines, ...(rest > 0 ? [`… and ${rest} more rows: they are in the folder csv`] : [])].join("\n");
}
