// What the package exports (docs/library.md). Importing it loads no engine: functions load what they need when they are called.

import type { Suite } from "#case/suite";
import type { LoadedRun } from "#store/load";
import type { CompareOptions, RunComparison } from "#evidence/compare-runs";
import type { Report } from "#report/build";
import type { RunFlags } from "#cli/run-flags";
import type { MixerDefinition } from "#models/mixers/module";
import { KIND } from "#case/defined-by";
import type { ContenderDefinition } from "#runner/module-contenders";

export { defineSuite, grid } from "#case/suite";
export type { Figure, Suite, SuiteContext } from "#case/suite";
export { shapeOf } from "#case/shape";
export type { Case, OperatorSpec, Recipe, Scale, Shape, TrainingCase } from "#case/case";
export { decodeCase, layerCase, operatorCase } from "#catalogue/operator-case";
export { operatorTrainingCase, seedsOf, trainingCase } from "#catalogue/training-case";
export { constantWeight, drawnWeight, projection } from "#weights/weights";
export type { WeightDeclaration } from "#weights/weights";
export type { MixerContext, MixerDefinition, MixerState } from "#models/mixers/module";
export type { ContenderContext, ContenderDefinition } from "#runner/module-contenders";
export type { LoadedRun } from "#store/load";
export type { CompareOptions, RunComparison } from "#evidence/compare-runs";
export type { Report } from "#report/build";

/** Declares a token mixer x [B, N, C] → [B, N, C] that is trained in every task by `run --contender <its file>`. */
export function defineMixer(mixer: MixerDefinition): MixerDefinition {
  return Object.assign({ ...mixer }, { [KIND]: "mixer" });
}

/** Declares one more way of computing an operator, timed beside ours by `run --contender <its file>`. */
export function defineContender(contender: ContenderDefinition): ContenderDefinition {
  return Object.assign({ ...contender }, { [KIND]: "contender" });
}

/** How suites are run: the flags of `run` in camel case, with `out` always given. */
export type RunSuitesOptions = Partial<Omit<RunFlags, "out" | "suite" | "resume" | "dryRun">> & {
  /** the run folder, a new one */
  readonly out: string;
};

export interface SuitesRun {
  /** as of the command: 0 ok, 1 regression, 2 some cells failed, 5 incomplete, … */
  readonly exitCode: number;
  readonly run: LoadedRun;
}

/**
 * Runs suites, by their declarations or by the ids of those that come with the package, and writes their report.
 *
 * @throws {UsageError} a wrong option @throws {EnvironmentError} an engine or data set that is not here
 */
export async function runSuites(
  suites: readonly (Suite | string)[],
  { out, ...options }: RunSuitesOptions,
): Promise<SuitesRun> {
  const [{ launch }, { flagsFrom }, known] = await Promise.all([
    import("#cli/launch"),
    import("#cli/run-flags"),
    import("#cli/suites"),
  ]);
  const chosen = suites.map((suite) => (typeof suite === "string" ? known.suites.get(suite) : suite));
  const exitCode = await launch(chosen, flagsFrom({ quiet: true, ...options, out }), "runSuites");
  return { exitCode, run: await loadRun(out) };
}

/** Reads a run folder, also of an older version. @throws {StoreError} there is none, or it is damaged */
export async function loadRun(folder: string): Promise<LoadedRun> {
  return (await import("#store/load")).loadRun(folder);
}

/** A verdict for every time and score of two runs. */
export async function compareRuns(
  baseline: LoadedRun,
  candidate: LoadedRun,
  options: CompareOptions = {},
): Promise<RunComparison> {
  return (await import("#evidence/compare-runs")).compareRuns(baseline, candidate, options);
}

/** The files of a report, by path, and its summary; nothing is written. @param suites own ones beside those of the package */
export async function buildReport(runs: readonly LoadedRun[], suites: readonly Suite[] = []): Promise<Report> {
  const [{ buildWholeReport }, { reportInput }, known] = await Promise.all([
    import("#report/build"),
    import("#cli/write-report"),
    import("#cli/suites"),
  ]);
  return buildWholeReport(reportInput(runs, [...known.suites.all(), ...suites]));
}
