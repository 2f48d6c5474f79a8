// The engine webgpu through the command line: without an adapter, on one, and when its device is lost.

import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { allSuites } from "../../suites/index.ts";
import type { TrainingCase } from "#case/case";
import { packageRoot } from "#host/package";
import { engineAvailability } from "#engine/registry";
import { loadRun } from "#store/load";
import { finishedTrainings } from "#store/trainings";
import { lightnetBench } from "#testing/command";

const TIMEOUT_MS = 600_000;
const folder = mkdtempSync(join(tmpdir(), "lightnet-bench-webgpu-"));
/** The Vulkan loader is told of a driver that is not there, so that this machine's own are not found. */
const NO_DRIVER = { VK_ICD_FILENAMES: join(folder, "none.json"), VK_DRIVER_FILES: join(folder, "none.json") };

describe("without an adapter", () => {
  test(
    "doctor says why",
    async () => {
      const result = await lightnetBench(["doctor"], folder, NO_DRIVER);
      expect(result.stdout).toMatch(
        /webgpu +not available: (No GPU adapter was found|WebGPU needs the Vulkan loader|The optional package)/,
      );
      expect(result.exitCode).toBe(0);
    },
    TIMEOUT_MS,
  );

  test(
    "run --engine webgpu says why, exits with 4 and leaves no records",
    async () => {
      const result = await lightnetBench(
        ["run", "kernel-forward", "--engine", "webgpu", "--filter", "N=256", "--out", join(folder, "none")],
        folder,
        NO_DRIVER,
      );
      expect(result.stderr).toMatch(
        /Engine webgpu is not available: (No GPU adapter was found|WebGPU needs the Vulkan loader|The optional package)/,
      );
      expect(result.exitCode).toBe(4);
      expect(
        existsSync(join(folder, "none", "records.jsonl"))
          ? readFileSync(join(folder, "none", "records.jsonl"), "utf8")
          : "",
      ).toBe("");
    },
    TIMEOUT_MS,
  );

  test(
    "auto takes another engine",
    async () => {
      const result = await lightnetBench(
        [
          "run",
          "kernel-forward",
          "--engine",
          "auto",
          "--filter",
          "N=256",
          "--filter",
          "contender=linear-global",
          "--dry-run",
        ],
        folder,
        NO_DRIVER,
      );
      expect(result.exitCode, result.all).toBe(0);
    },
    TIMEOUT_MS,
  );
});

const availability = await engineAvailability("webgpu");
const required = (process.env["REQUIRE_ENGINES"] ?? "").split(",").includes("webgpu");
const title = availability.available
  ? "a run on webgpu whose second child loses its device"
  : `a run on webgpu: ${availability.reason}`;

describe.skipIf(!availability.available && !required)(title, () => {
  const run = join(folder, "run");
  let exitCode: number | undefined;
  let output = "";

  beforeAll(async () => {
    const name = availability.available ? availability.device.name.split(" (")[0]! : "";
    const args = [
      "run",
      "kernel-forward",
      "--engine",
      "webgpu",
      "--gpu-adapter",
      name,
      "--filter",
      "N=256",
      "--filter",
      "precision=float32",
      "--filter",
      "contender=additive-global,linear-global",
      "--contender-budget",
      "30ms",
      "--out",
      run,
    ];
    const result = await lightnetBench(args, folder, {
      NODE_OPTIONS: `--import ${pathToFileURL(join(packageRoot(), "src", "testing", "lose-device.mjs")).href}`,
      LOSE_DEVICE_RECORDS: join(run, "records.jsonl"),
      LOSE_DEVICE_MARK: join(folder, "lost"),
    });
    ({ exitCode } = result);
    output = result.all;
  }, TIMEOUT_MS);

  test("the device was lost, that case alone has failed, and the run went on", () => {
    expect(existsSync(join(folder, "lost")), output).toBe(true);
    const { records, warnings } = loadRun(run);
    expect(warnings).toEqual([]);
    const failed = records.filter(({ status }) => status !== "ok");
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({
      status: "failed",
      process: 1,
      reason: expect.stringMatching(/The GPU device was lost.*\[E_GPU_LOST\]/) as string,
    });
    expect(exitCode, output).toBe(2);
    const finished = records.filter(({ final }) => final).map(({ process }) => process);
    expect(finished).toEqual([0, 1, 2]);
    for (const process of [0, 1, 2])
      expect(new Set(records.filter((record) => record.process === process).map(({ caseId }) => caseId)).size).toBe(2);
  });

  test("records name the device; a software GPU's times stand in no table, chart or CSV", () => {
    const { records, manifest } = loadRun(run);
    for (const { environment } of records)
      expect(manifest.environments[environment]).toMatchObject({ engine: "webgpu", device: { kind: "gpu" } });
    const { device } = Object.values(manifest.environments)[0]!;
    if (!device.software) return;
    expect(existsSync(join(run, "charts")) ? readdirSync(join(run, "charts")) : []).toEqual([]);
    const [header, ...rows] = readFileSync(join(run, "csv", "kernel-forward.csv"), "utf8")
      .trim()
      .split("\n");
    expect(rows).toHaveLength(2);
    expect(header!.split(",").filter((name) => /time|throughput|overhead|peak/.test(name))).toEqual([]);
    const [, ...samples] = readFileSync(join(run, "csv", "kernel-forward-samples.csv"), "utf8")
      .trim()
      .split("\n");
    expect(samples.filter((line) => !line.includes(",failed,"))).toEqual([]);
  });
});

describe.skipIf(!availability.available && !required)(
  availability.available ? "float16 storage on webgpu" : title,
  () => {
    // 2 bytes a number: q, g, v and out; with the backward pass q, g and v again, their gradients and the cotangent.
    test.each([
      ["kernel-forward", 64, 4],
      ["kernel-backward", 256, 11],
    ])(
      "%s is checked, measured and recorded as such",
      async (suite, N, tensors) => {
        const name = availability.available ? availability.device.name.split(" (")[0]! : "";
        const run = join(folder, `half-${suite}`);
        const args = [
          "run",
          suite,
          "--engine",
          "webgpu",
          "--gpu-adapter",
          name,
          "--filter",
          `N=${N}`,
          "--filter",
          "precision=float16",
          "--filter",
          "contender=additive-global",
          "--contender-budget",
          "30ms",
          "--out",
          run,
        ];
        const result = await lightnetBench(args, folder);
        expect(result.exitCode, result.all).toBe(0);
        const { records } = loadRun(run);
        expect(records.length).toBeGreaterThan(0);
        const bytes = tensors * 2 * 2 * N * 64;
        const correctness = { tolerance: expect.toBeOneOf([1e-3, 1.5e-3]) as number }; // of the output or of a gradient
        for (const record of records)
          expect(record).toMatchObject({
            status: "ok",
            strategy: "fused",
            case: { precision: "float16" },
            work: { leastBytes: bytes },
            correctness,
          });
      },
      TIMEOUT_MS,
    );
  },
);

/** Two models of suite `recall`, so small that an emulated GPU trains them in seconds. */
function smallTrainings(): TrainingCase[] {
  return allSuites
    .flatMap((suite) => suite.cases({ scale: "smoke", engine: "webgpu", datasets: [] }))
    .filter((item) => item.kind === "training" && item.suite === "recall" && item.dataset === "mqar-16")
    .flatMap((item) => (item.kind === "training" && /^(additive|tied)-causal$/.test(item.contender) ? [item] : []))
    .map((item) => ({
      ...item,
      suite: "given",
      mustLearn: false,
      recipe: { ...item.recipe, steps: 4, warmupSteps: 1, batch: 4, testExamples: 16 },
    }));
}

describe.skipIf(!availability.available && !required)(
  availability.available ? "trainings on two devices of one adapter" : title,
  () => {
    test(
      "--jobs 2 trains on both at the same time, to the scores that --jobs 1 has",
      async () => {
        const trainings = join(folder, "trainings.json");
        writeFileSync(trainings, JSON.stringify(smallTrainings()));
        const suite = join(packageRoot(), "scripts", "bench-jobs", "given-suite.mjs");
        const runs = ["1", "2"].map((jobs) => ({ jobs, out: join(folder, `jobs-${jobs}`) }));
        for (const { jobs, out } of runs) {
          const args = ["run", "--suite", suite, "--engine", "webgpu", "--jobs", jobs, "--out", out];
          const result = await lightnetBench(args, folder, { BENCH_TRAININGS: trainings });
          expect(result.exitCode, result.all).toBe(0);
        }
        const [alone, together] = runs.map(({ out }) => finishedTrainings(loadRun(out).records));
        const scores = (trained: typeof alone) =>
          new Map(trained!.map(({ caseId, training }) => [caseId, training.scores]));
        expect(scores(alone).size).toBe(2);
        expect(scores(together)).toEqual(scores(alone));
        const [one, other] = together!.map(({ startedAt, training }) => {
          const from = Date.parse(startedAt);
          return { from, to: from + 1000 * training.curve.at(-1)!.elapsedSeconds };
        });
        expect(one!.from).toBeLessThan(other!.to);
        expect(other!.from).toBeLessThan(one!.to);
      },
      2 * TIMEOUT_MS,
    );
  },
);
