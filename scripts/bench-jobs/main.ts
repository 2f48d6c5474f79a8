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
import type { TrainingCase } from "#case/case";
import { host } from "#host/current";
import { packageRoot } from "#host/package";
import { writeFileAtomic } from "#store/files";
import { loadRun } from "#store/load";
import { allSuites } from "../../suites/index.ts";
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

const [load = 0] = host.machine.loadAverage();
await measure("warm", casesOf(0.02), 1); // checks of operators and layers are kept; both runs find them
const cases = casesOf(Number(values.factor));
const runs = [await measure("alone", cases, 1), await measure("together", cases, Number(values.jobs))];
const { gitCommit = "unknown" } = host.packages.commit();
const { node = "", cpu } = host.machine.facts;
const result: JobsResult = {
  commit: gitCommit,
  node,
  cpu,
  cores: availableParallelism(),
  load,
  engine: values.engine,
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
function casesOf(factor: number): TrainingCase[] {
  return allSuites
    .filter(({ id }) => TASKS.includes(id))
    .flatMap((suite) => suite.cases({ scale: "smoke", engine: "wasm", datasets: [] }))
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
  const trained = records.flatMap((record) =>
    record.status === "ok" && "training" in record && record.training !== undefined
      ? [{ id: record.caseId, began: Date.parse(record.startedAt) / 1000, ...record.training }]
      : [],
  );
  if (trained.length < trainings.length)
    throw new Error(`${trainings.length - trained.length} trainings of ${name} failed`);
  const first = Math.min(...trained.map(({ began }) => began));
  const [from, to] = [manifest.startedAt, manifest.finishedAt ?? ""].map((time) => Date.parse(time) / 1000);
  const reading = {
    jobs,
    seconds: to! - first,
    summedSeconds: trained.reduce((sum, { curve }) => sum + (curve.at(-1)?.elapsedSeconds ?? 0), 0),
    secondsBefore: first - from!,
  };
  return { reading, scores: new Map(trained.map(({ id, scores }) => [id, scores])) };
}
