// Comparisons of an engine with wasm and PyTorch, as tables: ratios of times within a round, with intervals.

import { Random } from "#base/random";
import { formatWithInterval } from "#stats/interval-digits";
import type { Estimate } from "#stats/estimate";
import { pairedRatioInterval } from "#stats/ratio";
import { median } from "./table.ts";

export interface Comparison {
  readonly work: string;
  readonly flops: number;
  /** seconds a call by contender and round */
  readonly samples: Readonly<Record<string, readonly (number | null)[]>>;
  readonly missing: Readonly<Record<string, string>>;
}

export type Targets = readonly { readonly work: string; readonly rival: "torch" | "wasm"; readonly most: number }[];

/** engine / rival, paired by round: below 1 the engine is faster. Undefined where a contender is missing. */
export function ratioOf({ samples }: Comparison, engine: string, rival: string): Estimate | undefined {
  const pairs = (samples[engine] ?? []).flatMap((own, round) => {
    const other = samples[rival]?.[round];
    return own === null || other === null || other === undefined ? [] : [{ own, other }];
  });
  if (pairs.length === 0) return undefined;
  const rounds = { numerator: pairs.map(({ own }) => own), denominator: pairs.map(({ other }) => other) };
  return pairedRatioInterval([rounds], { random: new Random(1) });
}

const printed = (ratio: Estimate | undefined) =>
  ratio === undefined ? "–" : formatWithInterval(ratio.estimate, ratio);

function milliseconds(row: Comparison, contender: string): string {
  const seconds = (row.samples[contender] ?? []).filter((value) => value !== null);
  return seconds.length === 0 ? "–" : `${(1000 * median(seconds)).toPrecision(3)} ms`;
}

/** A Markdown table: times of the engine by threads, and its ratios to wasm and to PyTorch on as many threads. */
export function engineTable(rows: readonly Comparison[], engine: string, threads: readonly number[]): string {
  const names = threads.map((count) => `${engine} ${count}`);
  const head = [
    "work",
    ...names.map((name) => `${name} thr.`),
    "wasm",
    ...names.map((name) => `${name} / wasm`),
    ...threads.map((count) => `${engine} ${count} / torch ${count}`),
  ];
  const lines = rows.map((row) => [
    row.work,
    ...[...names, "wasm"].map((name) => milliseconds(row, name)),
    ...names.map((name) => printed(ratioOf(row, name, "wasm"))),
    ...threads.map((count) => printed(ratioOf(row, `${engine} ${count}`, `torch ${count}`))),
  ]);
  return `${markdown(head, lines)}\n\nRatios of times within a round, below 1 the engine is faster; in brackets 95 % intervals over rounds.`;
}

/** What was asked, and whether the interval keeps to it. */
export function targetTable(
  rows: readonly Comparison[],
  engine: string,
  threads: readonly number[],
  targets: Targets,
): string {
  const lines = targets.flatMap(({ work, rival, most }) =>
    rows
      .filter((row) => row.work === work || row.work.startsWith(`${work},`))
      .flatMap((row) =>
        threads.map((count) => {
          const ratio = ratioOf(row, `${engine} ${count}`, rival === "torch" ? `torch ${count}` : rival);
          return [row.work, String(count), rival, `≤ ${most}`, printed(ratio), verdict(ratio, most)];
        }),
      ),
  );
  return lines.length === 0 ? "" : markdown(["target", "threads", "beside", "asked", "measured", "verdict"], lines);
}

/** @param ratio with its interval; without one the estimate alone decides nothing */
export function verdict(ratio: Estimate | undefined, most: number): string {
  if (ratio?.low === undefined || ratio.high === undefined) return "not measured";
  if (ratio.high <= most) return "met";
  return ratio.low > most ? "missed" : "open";
}

function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string {
  return [head, head.map((_, i) => (i === 0 ? "---" : "---:")), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
