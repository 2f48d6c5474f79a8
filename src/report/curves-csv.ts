// Learning curves as CSV: one line a point, as recorded. Units stand in the headers; values without one are losses in the
// task's unit, or shares.

import { csvText } from "#base/csv";
import type { RunRecord } from "#store/record";

const AXES = [
  "case",
  "contender",
  "seed",
  "dataset",
  "variant",
  "encoding",
  "localMixing",
  "learningRate",
  "code",
] as const;

/** The curves of a suite's trainings; undefined where there are none. */
export function curvesCsvOf(suite: string, records: readonly RunRecord[]): string | undefined {
  const points = records.flatMap((record) => {
    const { case: item, caseId, codeHash } = record;
    if (item.kind !== "training" || item.suite !== suite || record.status !== "ok" || record.training === undefined)
      return [];
    const { contender, seed, dataset, model, recipe } = item;
    const axes = [
      caseId,
      contender,
      seed,
      dataset,
      model.variant,
      model.mixer.encoding,
      model.localMixing,
      recipe.learningRate,
      codeHash,
    ];
    return record.training.curve.map(({ step, elapsedSeconds, values }) => ({ axes, step, elapsedSeconds, values }));
  });
  if (points.length === 0) return undefined;
  const names = [...new Set(points.flatMap(({ values }) => Object.keys(values)))];
  const rows = points.map(({ axes, step, elapsedSeconds, values }) => [
    ...axes,
    step,
    elapsedSeconds,
    ...names.map((name) => values[name]),
  ]);
  return csvText([[...AXES, "step", "elapsed_s", ...names], ...rows]);
}
