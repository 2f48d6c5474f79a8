// One command for a machine with a GPU: what the engine finds, every kernel against the vectors and the float64
// references, the targets, PyTorch where it is, the kernel suites at scale small, and the smoke training on the GPU. Answers the targets
// one by one. Ends within nine minutes.
//
//   npm run gpu-check -- [--gpu-adapter <name>] [--vectors <folder>] [--seconds <n>] [--python <command>] [--software]
//
// Records, and the answers in targets.md and targets.json, go to results/published/<gpu>/. `--software` lets an emulated GPU through, to try the steps on a few cells; its records go
// to results/runs and its times are never shown. `--seconds` divides less than nine minutes among the steps.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { EXIT } from "#base/errors";
import { packageRoot } from "#host/package";
import { engineAvailability } from "#engine/registry";
import { limitsOf } from "#engine/webgpu/costs/devices";
import { loadRun } from "#store/load";
import { answerTargets, tableOf } from "./gpu-check/answers.ts";
import { targetCases } from "./gpu-check/targets.ts";
import { readTorchResults } from "./gpu-check/torch-results.ts";

/** Seconds a step may take before it is ended; together below nine minutes. */
const LIMITS = {
  doctor: 20,
  vectors: 80,
  references: 50,
  targets: 130,
  pytorch: 60,
  kernels: 130,
  training: 60,
} as const;
type Step = keyof typeof LIMITS;
const TOTAL = Object.values(LIMITS).reduce((sum, seconds) => sum + seconds, 0);
/** Starting a process and asking what is there take this long on any machine, whatever the share. */
const LEAST_SECONDS = 20;
const KERNEL_SUITES = ["kernel-forward", "kernel-backward", "scan-count"];
const TRAINING_SUITES = ["image-classification"];
/** What an emulated GPU gets through. */
const FEW_CELLS = ["--filter", "N=256", "--filter", "contender=additive-global,linear-global"];

const { values } = parseArgs({
  options: {
    "gpu-adapter": { type: "string" },
    vectors: { type: "string" },
    seconds: { type: "string", default: String(TOTAL) },
    python: { type: "string", default: "python3" },
    software: { type: "boolean", default: false },
  },
});

const share = Number(values.seconds) / TOTAL;
if (!(share > 0)) {
  console.error(`gpu-check: --seconds must be a positive number, got "${values.seconds}".`);
  process.exit(EXIT.usage);
}
const root = packageRoot();
const adapter = values["gpu-adapter"];
const forAdapter = adapter === undefined ? [] : ["--gpu-adapter", adapter];
const started = performance.now();

const availability = await engineAvailability("webgpu", adapter === undefined ? {} : { gpuAdapter: adapter });
if (!availability.available) refuse(availability.reason);
const { device } = availability;
if (device.software && values.software !== true) {
  refuse(
    `the only adapter is ${device.name}, which emulates a GPU on the CPU; its times are not published. Use a machine with a GPU and its Vulkan driver, or --software to try the steps`,
  );
}
console.log(`gpu-check on ${device.name}`);

const name = device.name
  .split(" (")[0]!
  .toLowerCase()
  .replace(/[^a-z0-9]+/g, "-")
  .replace(/^-|-$/g, "");
const folder = join(
  root,
  "results",
  device.software ? "runs" : "published",
  device.software ? `gpu-check-${name}` : name,
);
const own = join(root, "src", "testing", "vectors");
const vectors =
  values.vectors ??
  (device.software ? [own] : [join(root, "..", "shared", "oracle"), own]).find((path) => existsSync(path));
const scale = device.software ? ["--scale", "smoke", ...FEW_CELLS] : ["--scale", "small"];
const targetScale = device.software ? "smoke" : "small";
const onGpu = ["--engine", "webgpu", ...forAdapter];
// A published folder holds one check of this GPU: the newest.
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const outcomes = [
  step("doctor", ["doctor", ...forAdapter]),
  ...(vectors === undefined ? [] : [step("vectors", ["verify", ...onGpu, "--vectors", vectors])]),
  step("references", ["verify", ...onGpu]),
  targets(),
  pytorch(),
  run("kernels", KERNEL_SUITES, [...scale, "--contender-budget", "300ms"]),
  run("training", TRAINING_SUITES, [
    "--scale",
    "smoke",
    "--train-budget",
    `${Math.ceil(0.2 * limitOf("training"))}s`,
    ...(device.software ? ["--filter", "contender=additive-global"] : []),
  ]),
];
const isAnswered = answer();

console.log(`\ngpu-check on ${device.name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
for (const { label, verdict, seconds } of outcomes)
  console.log(`  ${label.padEnd(11)} ${verdict} (${seconds.toFixed(0)} s)`);
console.log(
  `records and reports: ${folder}${device.software ? " (an emulated GPU: nothing is published, and no time is shown)" : ""}`,
);
process.exitCode =
  isAnswered && outcomes.every(({ verdict }) => verdict === "ok" || verdict.startsWith("skipped"))
    ? EXIT.ok
    : EXIT.failedCases;

interface Outcome {
  readonly label: string;
  readonly verdict: string;
  readonly seconds: number;
}

function limitOf(label: Step): number {
  return Math.max(LEAST_SECONDS, Math.round(share * LIMITS[label]));
}

/** One command of the harness, ended at its limit. */
function step(label: Step, args: readonly string[]): Outcome {
  return command(label, process.execPath, [join(root, "bin", "lightnet-bench.js"), ...args]).outcome;
}

function command(
  label: Step,
  program: string,
  args: readonly string[],
): { readonly outcome: Outcome; readonly status: number | null } {
  console.log(
    `\n── ${label}: ${(program === process.execPath ? ["lightnet-bench", ...args.slice(1)] : [program, ...args]).join(" ")}`,
  );
  const from = performance.now();
  const limitSeconds = limitOf(label);
  const { status, error } = spawnSync(program, args, { stdio: "inherit", cwd: root, timeout: 1000 * limitSeconds });
  const seconds = (performance.now() - from) / 1000;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const failed = code === undefined ? `failed (exit code ${status ?? "none"})` : `failed (${code})`;
  const verdict = code === "ETIMEDOUT" ? `ended at its limit of ${limitSeconds} s` : status === 0 ? "ok" : failed;
  return { outcome: { label, verdict, seconds }, status };
}

/** A run whose budget is its limit less what its last cell and its report may take. */
function run(label: Step, suites: readonly string[], flags: readonly string[]): Outcome {
  const budget = ["--run-budget", `${Math.round(0.7 * limitOf(label))}s`];
  return step(label, ["run", ...suites, ...onGpu, ...flags, ...budget, "--out", join(folder, label), "--quiet"]);
}

/** The cases of the targets: what is left of the step's limit is for the process that is running when the budget ends. */
function targets(): Outcome {
  const script = join(import.meta.dirname, "gpu-check", "measure-targets.js");
  const seconds = String(Math.round(0.7 * limitOf("targets")));
  return command("targets", process.execPath, [
    script,
    join(folder, "targets"),
    targetScale,
    seconds,
    ...(adapter === undefined ? [] : [adapter]),
  ]).outcome;
}

/** Writes and prints the verdict of every target. Returns whether there are records to answer from. */
function answer(): boolean {
  const run = join(folder, "targets");
  if (!existsSync(join(run, "manifest.json"))) {
    console.log("\nno target is answered: their step left no records");
    return false;
  }
  const torch = readTorchResults(join(folder, "pytorch.json"));
  const limits = limitsOf(device.name);
  const answers = answerTargets({
    cases: targetCases(targetScale),
    records: loadRun(run).records,
    ...(device.software ? { software: device.name } : {}),
    ...(torch === undefined ? {} : { torch }),
    ...(limits === undefined ? {} : { limits }),
  });
  writeFileSync(join(folder, "targets.json"), `${JSON.stringify(answers, undefined, 1)}\n`);
  writeFileSync(join(folder, "targets.md"), `# Targets on ${device.name}\n\n${tableOf(answers)}`);
  console.log(`\n${tableOf(answers)}`);
  return true;
}

/** The same forms by PyTorch. An emulated GPU has no CUDA; then, or without PyTorch, the step says so and is skipped. */
function pytorch(): Outcome {
  const script = join(root, "scripts", "gpu-check", "pytorch.py");
  const { outcome, status } = command("pytorch", values.python, [
    script,
    join(folder, "pytorch.json"),
    String(Math.round(0.7 * limitOf("pytorch"))),
  ]);
  const isAbsent = status === EXIT.environment || outcome.verdict.includes("ENOENT");
  return isAbsent ? { ...outcome, verdict: "skipped: no PyTorch with CUDA here" } : outcome;
}

function refuse(reason: string): never {
  console.error(`gpu-check needs a GPU: ${reason}`);
  console.error("On Debian and Ubuntu the Vulkan loader is in libvulkan1: apt-get install libvulkan1");
  process.exit(EXIT.environment);
}
