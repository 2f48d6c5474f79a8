// How much sooner trainings end side by side: the four tasks at scale smoke with more steps, LightNet and softmax attention, with
// one job and with as many as there are cores, and whether all scores are the same.
//
//   npm run bench:jobs -- [--factor 8] [--engine wasm] [--jobs 2] [--out file.json]
//
// results/published/<machine>/bench-jobs/result.json is what `--out` wrote on an idle machine; docs/cluster.md shows it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { join } from "node:path";
import { execa } from "execa";
import { UsageError } from "#base/errors";
import { ENGINE_IDS, type EngineId, type TrainingCase } from "#case/case";
import { packageRoot } from "#host/package";
import { writeFileAtomic } from "#store/files";
import { loadRun } from "#store/load";
import { finishedTrainings } from "#store/trainings";
import { allSuites } from "../../suites/index.ts";
import { benchMachine } from "../bench-machine.ts";
import type { JobsReading, JobsResult } from "./result.ts";
import { jobsText } from "./text.ts";

const TASKS = ["image-classification", "image-generation", "bidirectional-lm", "autoregressive-lm"];
const MODELS = /^(lightnet|softmax-rope)(-causal)?$/;

const { values } = parseArgs({
  options: {
    factor: { type: "string", default: "8" },
    engine: { type: "string", default: "wasm" },
    jobs: { type: "string", default: String(availableParallelism()) },
    out: { type: "string" },
  },
});
const folder = mkdtempSync(join(tmpdir(), "bench-jobs-"));

/** What one run says, with the scores of its trainings by case. */
interface MeasuredRun {
  readonly reading: JobsReading;
  readonly scores: ReadonlyMap<string, unknown>;
}

const engine = ENGINE_IDS.find((id) => id === values.engine);
if (engine === undefined) throw new UsageError(`--engine is one of ${ENGINE_IDS.join(", ")}, got "${values.engine}".`);
const machine = benchMachine();
await measure("warm", casesOf(engine, 0.02), 1); // checks of operators and layers are kept; both runs find them
const cases = casesOf(engine, Number(values.factor));
const runs = [await measure("alone", cases, 1), await measure("together", cases, Number(values.jobs))];
const result: JobsResult = {
  ...machine,
  cores: availableParallelism(),
  engine,
  trainings: cases.map(({ task, contender }) => `${task} ${contender}`),
  stepsFactor: Number(values.factor),
  readings: runs.map(({ reading }) => reading),
  scoresEqual: isDeepStrictEqual(runs[0]!.scores, runs[1]!.scores),
};
console.log(jobsText(result));
if (values.out !== undefined) writeFileAtomic(values.out, `${JSON.stringify(result, undefined, 2)}\n`);
rmSync(folder, { recursive: true });
process.exitCode = result.scoresEqual ? 0 : 1;

/** The tasks' own cases at scale smoke, with `factor` times their steps. */
function casesOf(engine: EngineId, factor: number): TrainingCase[] {
  return allSuites
    .filter(({ id }) => TASKS.includes(id))
    .flatMap((suite) => suite.cases({ scale: "smoke", engine, datasets: [] }))
    .flatMap((item) => {
      if (item.kind !== "training" || item.task !== item.suite || !MODELS.test(item.contender)) return [];
      const steps = Math.max(1, Math.round(factor * item.recipe.steps));
      // the few steps of the warm run learn nothing
      return [{ ...item, suite: "given", mustLearn: false, recipe: { ...item.recipe, steps } }];
    });
}

/** @throws {Error} the run fails */
async function measure(name: string, trainings: readonly TrainingCase[], jobs: number): Promise<MeasuredRun> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(trainings));
  const suite = join(packageRoot(), "scripts/bench-jobs/given-suite.mjs");
  const words = ["run", "--suite", suite, "--engine", values.engine, "--jobs", jobs, "--quiet", "--out", name];
  await execa(process.execPath, [join(packageRoot(), "bin/lightnet-bench.js"), ...words.map(String)], {
    cwd: folder,
    env: { BENCH_TRAININGS: file },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const { manifest, records } = loadRun(join(folder, name));
  const trained = finishedTrainings(records);
  if (trained.length < trainings.length)
    throw new Error(`${trainings.length - trained.length} trainings of ${name} failed`);
  const first = Math.min(...trained.map(({ startedAt }) => Date.parse(startedAt) / 1000));
  const [from, to] = [manifest.startedAt, manifest.finishedAt ?? ""].map((time) => Date.parse(time) / 1000);
  const reading = {
    jobs,
    seconds: to! - first,
    summedSeconds: trained.reduce((sum, { training: { curve } }) => sum + (curve.at(-1)?.elapsedSeconds ?? 0), 0),
    secondsBefore: first - from!,
  };
  return { reading, scores: new Map(trained.map(({ caseId, training }) => [caseId, training.scores])) };
}
