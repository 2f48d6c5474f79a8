// One command for a machine with a GPU: what the engine finds, every kernel against the vectors and the float64
// references, the kernel suites at scale small and the smoke training on the GPU. Ends within nine minutes.
//
//   npm run gpu-check -- [--gpu-adapter <name>] [--vectors <folder>] [--software]
//
// Records go to results/published/<gpu>/. `--software` lets an emulated GPU through, to try the steps; its records go to
// results/runs and its times are never shown.

import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { EXIT } from "#base/errors";
import { packageRoot } from "#base/package";
import { engineAvailability } from "#engine/registry";

/** Seconds a step may take before it is ended; together below nine minutes. */
const LIMITS = { doctor: 20, vectors: 100, references: 60, kernels: 240, training: 90 } as const;
const KERNEL_SUITES = ["kernel-forward", "kernel-backward", "scan-count"];
const TRAINING_SUITES = ["image-classification"];

const { values } = parseArgs({
  options: { "gpu-adapter": { type: "string" }, vectors: { type: "string" }, software: { type: "boolean", default: false } },
});

const root = packageRoot();
const adapter = values["gpu-adapter"];
const forAdapter = adapter === undefined ? [] : ["--gpu-adapter", adapter];
const started = performance.now();

const availability = await engineAvailability("webgpu", adapter === undefined ? {} : { gpuAdapter: adapter });
if (!availability.available) refuse(availability.reason);
const { device } = availability;
if (device.software && values.software !== true) {
  refuse(`the only adapter is ${device.name}, which emulates a GPU on the CPU. Use a machine with a GPU and its Vulkan driver, or --software to try the steps`);
}
console.log(`gpu-check on ${device.name}`);

const name = device.name.split(" (")[0]!.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
const folder = join(root, "results", device.software ? "runs" : "published", device.software ? `gpu-check-${name}` : name);
const vectors = values.vectors ?? [join(root, "..", "shared", "oracle"), join(root, "src", "testing", "vectors")].find((path) => existsSync(path));
const scale = device.software ? "smoke" : "small";
// A published folder holds one check of this GPU: the newest.
rmSync(folder, { recursive: true, force: true });

const outcomes = [
  step("doctor", LIMITS.doctor, ["doctor", ...forAdapter]),
  ...(vectors === undefined ? [] : [step("vectors", LIMITS.vectors, ["verify", "--engine", "webgpu", "--vectors", vectors, ...forAdapter])]),
  step("references", LIMITS.references, ["verify", "--engine", "webgpu", ...forAdapter]),
  run("kernels", LIMITS.kernels, KERNEL_SUITES, ["--scale", scale, "--cell-budget", "300ms"]),
  run("training", LIMITS.training, TRAINING_SUITES, ["--scale", "smoke"]),
];

console.log(`\ngpu-check on ${device.name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
for (const { label, verdict, seconds } of outcomes) console.log(`  ${label.padEnd(11)} ${verdict} (${seconds.toFixed(0)} s)`);
console.log(`records and reports: ${folder}`);
process.exitCode = outcomes.every(({ verdict }) => verdict === "ok") ? EXIT.ok : EXIT.failedCells;

interface Outcome {
  readonly label: string;
  readonly verdict: string;
  readonly seconds: number;
}

/** One command of the harness, ended at its limit. */
function step(label: string, limitSeconds: number, args: readonly string[]): Outcome {
  console.log(`\n── ${label}: lightnet-bench ${args.join(" ")}`);
  const from = performance.now();
  const { status, error } = spawnSync(process.execPath, [join(root, "bin", "lightnet-bench.js"), ...args], { stdio: "inherit", cwd: root, timeout: 1000 * limitSeconds });
  const seconds = (performance.now() - from) / 1000;
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ETIMEDOUT") return { label, verdict: `ended at its limit of ${limitSeconds} s`, seconds };
  return { label, verdict: status === 0 ? "ok" : `failed (exit code ${status ?? "none"})`, seconds };
}

/** A run whose budget is its limit less what its last cell and its report may take. */
function run(label: string, limitSeconds: number, suites: readonly string[], flags: readonly string[]): Outcome {
  const budget = ["--run-budget", `${Math.round(0.7 * limitSeconds)}s`];
  return step(label, limitSeconds, ["run", ...suites, "--engine", "webgpu", ...forAdapter, ...flags, ...budget, "--out", join(folder, label), "--quiet"]);
}

function refuse(reason: string): never {
  console.error(`gpu-check needs a GPU: ${reason}`);
  console.error("On Debian and Ubuntu the Vulkan loader is in libvulkan1: apt-get install libvulkan1");
  process.exit(EXIT.environment);
}
