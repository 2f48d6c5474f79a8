// CSV files: one tidy line a result, and one line a sample or point of a curve. Units stand in the headers.

import { csvParts } from "#base/csv";
import type { Grid } from "#evidence/raw";
import type { RatioLookup } from "#evidence/ratios";
import type { Result } from "#evidence/result";
import type { Estimate } from "#stats/estimate";

type CsvValue = string | number | boolean | undefined;
type CsvRow = Map<string, CsvValue>;

/**
 * One line a case (training: a line an experiment, over its seeds): axes, estimates with their
 * intervals, n, status and reason. Columns that no case of the suite fills are left out.
 *
 * @param baseline contender that ratios are relative to
 */
export function csvOf(results: readonly Result[], ratios: RatioLookup, baseline: string): string {
  const rows = results.map((result) => rowOf(result, ratios, baseline));
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  return [...gridCsv({ columns, rows: rows.map((row) => columns.map((name) => row.get(name))) })].join("");
}

/** A grid without the columns that nothing fills, as parts of a text: they are made as they are read, and never held. */
export function gridCsv(grid: Grid): Iterable<string> {
  return { [Symbol.iterator]: () => csvParts(filledRows(grid)) };
}

function* filledRows({ columns, rows }: Grid): Generator<unknown[]> {
  const empty = new Set(columns.keys());
  for (const row of rows) {
    for (const index of empty) if (row[index] !== undefined && row[index] !== "") empty.delete(index);
    if (empty.size === 0) break;
  }
  const filled = [...columns.keys()].filter((index) => !empty.has(index));
  yield filled.map((index) => columns[index]);
  for (const row of rows) yield filled.map((index) => row[index]);
}

function rowOf(result: Result, ratios: RatioLookup, baseline: string): CsvRow {
  const { axes, memory, training, achieved, conditions, members, failures, stale } = result;
  const isTraining = result.case.kind === "training";
  const seed = isTraining ? { seed: members.map((one) => one.seed).join(" ") } : {}; // a training stands for all its seeds
  const row: CsvRow = new Map<string, CsvValue>(
    Object.entries({ case: result.id, ...axes, ...seed, status: result.status, reason: failures[0]?.reason }),
  );
  if (stale) row.set("stale", true);
  addEstimate(row, "time_s", result.time);
  if (!isTraining) addEstimate(row, `ratio_to_${baseline}`, ratios(result, baseline));
  addEstimate(row, "device_time_s", result.deviceTime);
  set(row, {
    first_call_s: result.firstCallSeconds,
    relative_iqr: result.spread,
    overhead_s: conditions.overheadSeconds,
    load_before: conditions.loadBefore,
    memory_least_bytes: memory?.leastBytes,
    memory_engine_peak_bytes: memory?.enginePeakBytes,
    memory_process_peak_bytes: memory?.processPeakBytes,
    work_flop: result.work?.flops,
    work_least_bytes: result.work?.leastBytes,
    achieved_flop_per_s: achieved?.flopsPerSecond.estimate,
    achieved_bytes_per_s: achieved?.bytesPerSecond.estimate,
    share_of_peak_flops: achieved?.flopsShare,
    share_of_peak_bandwidth: achieved?.bytesShare,
    correctness_error: result.correctness?.largestError,
    strategies: result.strategies.join(" "),
  });
  if (training !== undefined) {
    const { first, scores, trivial } = training;
    set(row, {
      data: first.dataLabel,
      synthetic: first.synthetic,
      parameters: first.parameters,
      train_examples: first.trainExamples,
      test_examples: first.testExamples,
    });
    for (const [name, score] of scores) {
      addEstimate(row, `score_${name}`, score);
      row.set(`trivial_${name}`, trivial.get(name));
    }
    addEstimate(row, "step_time_s", training.stepSeconds);
    addEstimate(row, "evaluation_time_s", training.evaluationSeconds);
  }
  set(row, { n: result.n, n_of: isTraining ? "seeds" : "processes" });
  if (!isTraining && result.status === "ok") set(row, { rounds: result.rounds, samples: result.samples });
  set(row, {
    confidence: result.time?.confidence,
    interval_method: result.time?.method,
    warnings: result.warnings.map(({ text }) => text).join("; "),
  });
  return row;
}

function addEstimate(row: CsvRow, name: string, estimate: Estimate | undefined): void {
  row.set(name, estimate?.estimate).set(`${name}_low`, estimate?.low).set(`${name}_high`, estimate?.high);
}

function set(row: CsvRow, values: Readonly<Record<string, CsvValue>>): void {
  for (const [name, value] of Object.entries(values)) row.set(name, value);
}
