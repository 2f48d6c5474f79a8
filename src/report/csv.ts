// CSV files: one tidy line a case, and one line a sample. Units stand in the headers.

import { csvText } from "#base/csv";
import type { Estimate } from "#stats/estimate";
import type { RunRecord } from "#store/record";
import type { AxisValue } from "#catalogue/axes";
import type { CaseView, RatioLookup } from "./view.ts";

type CsvValue = string | number | boolean | undefined;
type CsvRow = ReadonlyMap<string, CsvValue>;

/**
 * One line a case (training: a line an experiment, over its seeds): axes, estimates with their
 * intervals, n, status and reason. Columns that no case of the suite fills are left out.
 *
 * @param baseline contender that ratios are relative to
 */
export function csvOf(
  suite: string,
  views: readonly CaseView[],
  options: { readonly ratios: RatioLookup; readonly baseline: string },
): string {
  const rows = views.filter(({ item }) => item.suite === suite).map((view) => rowOf(view, options));
  return csvOfRows(rows);
}

function rowOf(
  view: CaseView,
  { ratios, baseline }: { readonly ratios: RatioLookup; readonly baseline: string },
): CsvRow {
  const { measured, memory, training, item } = view;
  const achieved = measured?.achieved;
  const row = new Map<string, CsvValue>(
    Object.entries({ case: view.caseId, ...axesWithoutSeeds(view), status: view.status, reason: view.reason }),
  );
  if (view.stale) row.set("stale", true);
  addEstimate(row, "time_s", view.time);
  if (item.kind !== "training") addEstimate(row, `ratio_to_${baseline}`, ratios(view, baseline));
  addEstimate(row, "device_time_s", measured?.deviceSeconds);
  if (training === undefined)
    set(row, {
      first_call_s: measured?.firstCallSeconds,
      relative_iqr: measured?.spread,
      overhead_s: measured?.conditions.overheadSeconds,
    });
  set(row, {
    load_before: measured?.conditions.loadBefore,
    memory_least_bytes: memory?.leastBytes,
    memory_engine_peak_bytes: memory?.enginePeakBytes,
    memory_process_peak_bytes: memory?.processPeakBytes,
    work_flop: measured?.work?.flops,
    work_least_bytes: measured?.work?.leastBytes,
    achieved_flop_per_s: achieved?.flopsPerSecond.estimate,
    achieved_bytes_per_s: achieved?.bytesPerSecond.estimate,
    share_of_peak_flops: achieved?.flopsShare,
    share_of_peak_bandwidth: achieved?.bytesShare,
    correctness_error: measured?.correctness?.largestError,
    strategies: measured?.strategies.join(" "),
  });
  if (training !== undefined) {
    const first = training.results[0]!;
    set(row, {
      data: first.dataLabel,
      synthetic: first.synthetic,
      parameters: first.parameters,
      train_examples: first.trainExamples,
      test_examples: first.testExamples,
    });
    for (const [name, score] of Object.entries(training.scores)) {
      addEstimate(row, `score_${name}`, score);
      row.set(`trivial_${name}`, first.trivialScores[name]);
    }
    addEstimate(row, "step_time_s", training.stepSeconds);
    addEstimate(row, "evaluation_time_s", training.evaluationSeconds);
  }
  set(row, { n: view.n, n_of: item.kind === "training" ? "seeds" : "processes" });
  if (training === undefined) set(row, { rounds: measured?.rounds, samples: measured?.samples });
  set(row, {
    confidence: view.time?.confidence,
    interval_method: view.time?.method,
    warnings: view.warnings.join("; "),
  });
  return row;
}

/** Training experiments stand for all their seeds. */
function axesWithoutSeeds({ axes, item, summaries }: CaseView): Readonly<Record<string, AxisValue>> {
  return item.kind === "training" ? { ...axes, seed: summaries.map(({ case: { seed } }) => seed).join(" ") } : axes;
}

function addEstimate(row: Map<string, CsvValue>, name: string, estimate: Estimate | undefined): void {
  row.set(name, estimate?.estimate).set(`${name}_low`, estimate?.low).set(`${name}_high`, estimate?.high);
}

function set(row: Map<string, CsvValue>, values: Readonly<Record<string, CsvValue>>): void {
  for (const [name, value] of Object.entries(values)) row.set(name, value);
}

/** One line a raw sample, in the order taken; `case` joins it to the axes of `csvOf`. */
export function samplesCsvOf(suite: string, records: readonly RunRecord[]): string {
  const rows = records
    .filter((record) => record.case.suite === suite)
    .flatMap((record): CsvRow[] => {
      const { caseId, process, round, codeHash, environment, startedAt, status } = record;
      const { contender, seed } = record.case;
      const shared = {
        case: caseId,
        contender,
        seed,
        process,
        round,
        code: codeHash,
        environment,
        started_at: startedAt,
        status,
      };
      if (record.status !== "ok")
        return [new Map<string, CsvValue>(Object.entries({ ...shared, reason: record.reason }))];
      const series: readonly (readonly [string, readonly number[] | undefined])[] = [
        ["wall", record.secondsSamples],
        ["device", record.deviceSecondsSamples],
        ["warm-up", record.warmupSecondsSamples],
        ["training step", record.training?.stepSecondsSamples],
      ];
      return series.flatMap(([clock, samples]) =>
        (samples ?? []).map(
          (time, index) => new Map<string, CsvValue>(Object.entries({ ...shared, clock, sample: index, time_s: time })),
        ),
      );
    });
  return csvOfRows(rows);
}

function csvOfRows(rows: readonly CsvRow[]): string {
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const filled = names.filter((name) => rows.some((row) => row.get(name) !== undefined && row.get(name) !== ""));
  return csvText([filled, ...rows.map((row) => filled.map((name) => row.get(name)))]);
}
