// Trained experiments as claims see them: what was trained, and the results of every seed.

import { hashJson } from "#base/json";
import type { SeedResults } from "../paired-seeds.ts";
import type { Estimate } from "#stats/estimate";
import { ENOUGH_SEEDS } from "#stats/non-inferiority";
import type { TrainingCase } from "#case/case";
import { dataName } from "#report/charts/subtitle";
import type { CaseView } from "#report/view";
import { judge, type PointFinding } from "./finding.ts";

/** One training case over its seeds. */
export interface Experiment {
  readonly view: CaseView;
  readonly case: TrainingCase;
  readonly results: SeedResults;
  readonly parameters: number;
  readonly caseIds: readonly string[];
}

/** The finished experiments of a suite. */
export function experimentsOf(views: readonly CaseView[], suite: string): Experiment[] {
  return views.flatMap((view): Experiment[] => {
    const { item, training, summaries } = view;
    if (item.kind !== "training" || item.suite !== suite || training === undefined) return [];
    const results = new Map(
      summaries.flatMap((summary) =>
        summary.status === "ok" && summary.training !== undefined
          ? [[summary.case.seed, summary.training] as const]
          : [],
      ),
    );
    return [
      {
        view,
        case: item,
        results,
        parameters: training.results[0]!.parameters,
        caseIds: summaries.map(({ caseId }) => caseId),
      },
    ];
  });
}

/** What two experiments must share to be compared: all but contender, model widths and learning rate. */
export function settingOf({ case: item, view }: Experiment): string {
  const recipe = { ...item.recipe, learningRate: 0 }; // each contender's own
  const { task, dataset, engine, scale, model } = item;
  return hashJson({
    task,
    dataset,
    engine,
    scale,
    recipe,
    variant: model.variant,
    label: view.training!.results[0]!.dataLabel,
  });
}

/** The same in words: `MNIST, mini, 625 steps, engine wasm, scale small`. */
export function settingText({ case: item, view }: Experiment): string {
  const { dataLabel, synthetic } = view.training!.results[0]!;
  return `${dataName(dataLabel, synthetic)}, ${item.model.variant}, ${item.recipe.steps} steps, engine ${item.engine}, scale ${item.scale}`;
}

/** As `judge`, over seeds: fewer than a headline needs decide nothing, whatever the numbers say. */
export function judgeSeeds(estimate: Estimate, limits: Parameters<typeof judge>[1]): PointFinding["verdict"] {
  return estimate.n < ENOUGH_SEEDS ? "undecided" : judge(estimate, limits);
}

/** Signed percentage points: `+1.2 points`. */
export function points(value: number): string {
  return `${value >= 0 ? "+" : "−"}${(100 * Math.abs(value)).toFixed(1)} points`;
}

/** An estimate in percentage points with its interval: `+1.2 points [0.1, 2.3]`. */
export function inPoints({ estimate, low, high }: Estimate): string {
  const ends =
    low === undefined || high === undefined ? "" : ` [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;
  return `${points(estimate)}${ends}`;
}
