// Whole runs through the command line: results on disk, interruption, resumption.

import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "#host/package";
import { effectiveRecords } from "#store/atoms";
import { loadRun } from "#store/load";
import type { RunRecord } from "#store/record";
import { lightnetBench } from "#testing/command";

const TIMEOUT_MS = 180_000;
const folder = mkdtempSync(join(tmpdir(), "lightnet-bench-"));
/** Four cases of two cheap contenders: two lengths, two of the three processes' worth of work each. */
const SMALL_RUN = [
  "run",
  "kernel-forward",
  "--engine",
  "wasm",
  "--filter",
  "N=256,512",
  "--filter",
  "contender=additive-global,linear-global",
  "--contender-budget",
  "30ms",
];

const recordsOf = (run: string): readonly RunRecord[] => loadRun(run).records;

/** What was measured, without how long it took: one line a case and process, sorted. */
function cases(run: string): string[] {
  const names = effectiveRecords(recordsOf(run)).map(({ caseId, process, status }) => `${caseId} ${process} ${status}`);
  return [...new Set(names)].sort();
}

/** Atoms that were finished, each as often as it stands in the file. */
function finishedAtoms(run: string): string[] {
  return recordsOf(run)
    .filter(({ final }) => final)
    .map(({ matchup, process }) => `${matchup} ${process}`);
}

/** The forms whose correctness was checked, each as often as it was. */
function formsChecked(run: string): string[] {
  const lines = readFileSync(join(run, "correctness.jsonl"), "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.stringify((JSON.parse(line) as { result: { item: unknown } }).result.item)).sort();
}

/** Resolves when the run has at least `count` finished atoms on disk. */
async function untilAtoms(run: string, count: number): Promise<void> {
  const file = join(run, "records.jsonl");
  for (;;) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (text.split('"final":true').length - 1 >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

let whole: string;

beforeAll(async () => {
  whole = join(folder, "whole");
  const result = await lightnetBench([...SMALL_RUN, "--out", whole], folder);
  expect(result.exitCode, result.all).toBe(0);
}, TIMEOUT_MS);

describe("an uninterrupted run", () => {
  test("leaves manifest, records, CSV, charts, tables and the page", () => {
    for (const file of ["manifest.json", "records.jsonl", "csv/kernel-forward.csv", "report.html"])
      expect(existsSync(join(whole, file)), file).toBe(true);
    expect(readdirSync(join(whole, "charts")).filter((name) => name.endsWith(".png")).length).toBeGreaterThan(0);
    expect(readdirSync(join(whole, "tables")).filter((name) => name.endsWith(".md")).length).toBeGreaterThan(0);
    expect(existsSync(join(whole, "lock"))).toBe(false);
  });

  test("has every case in every process, correct before it was timed", () => {
    expect(cases(whole)).toHaveLength(2 * 2 * 3);
    for (const record of recordsOf(whole)) {
      expect(record.status).toBe("ok");
      if (record.status !== "ok") continue;
      expect(record.correctness!.largestError).toBeLessThanOrEqual(record.correctness!.tolerance);
      expect(record.secondsSamples!.every((value) => value > 0)).toBe(true);
    }
  });

  test(
    "is not written over",
    async () => {
      const result = await lightnetBench([...SMALL_RUN, "--out", whole], folder);
      expect(result.exitCode).toBe(3);
      expect(result.stderr).toMatch(/holds a run already\. Continue it with --resume/);
    },
    TIMEOUT_MS,
  );

  test(
    "has nothing left to do",
    async () => {
      const before = readFileSync(join(whole, "records.jsonl"), "utf8");
      const result = await lightnetBench(["run", "--resume", whole], folder);
      expect(result.exitCode, result.all).toBe(0);
      expect(result.stderr).toMatch(/0 processes to run, 6 finished before/);
      expect(readFileSync(join(whole, "records.jsonl"), "utf8")).toBe(before);
    },
    TIMEOUT_MS,
  );
});

describe("interruption", () => {
  test.each([2, 4])(
    "killed after %d of 6 processes and resumed, it holds the same cases as an uninterrupted run, none twice",
    async (count) => {
      const run = join(folder, `killed-${count}`);
      const child = lightnetBench([...SMALL_RUN, "--out", run], folder);
      await untilAtoms(run, count);
      child.kill("SIGKILL");
      await child;
      expect(finishedAtoms(run).length).toBeLessThan(6);
      const resumed = await lightnetBench(["run", "--resume", run], folder);
      expect(resumed.exitCode, resumed.all).toBe(0);
      expect(cases(run)).toEqual(cases(whole));
      expect(new Set(finishedAtoms(run)).size).toBe(finishedAtoms(run).length);
      expect(finishedAtoms(run)).toHaveLength(6);
      expect(formsChecked(run)).toEqual(formsChecked(whole)); // each once: the resumed run did not check them again
    },
    TIMEOUT_MS,
  );

  test(
    "a killed child costs its own case and no other; --retry-failed mends it",
    async () => {
      const run = join(folder, "child-killed");
      const parent = lightnetBench([...SMALL_RUN, "--contender-budget", "3s", "--out", run], folder);
      await untilAtoms(run, 1);
      await new Promise((resolve) => setTimeout(resolve, 1500)); // the next child is measuring now
      await execa({ reject: false })`pkill -KILL -P ${parent.pid!}`;
      const result = await parent;
      expect(result.exitCode, result.all).toBe(0); // out of memory is a result
      const broken = effectiveRecords(recordsOf(run)).filter(({ status }) => status !== "ok");
      expect(broken.length).toBeGreaterThan(0);
      expect(broken[0]).toMatchObject({
        status: "oom",
        reason: expect.stringMatching(/killed by the system/) as string,
      });
      const resumed = await lightnetBench(
        ["run", "--resume", run, "--retry-failed", "--contender-budget", "30ms"],
        folder,
      );
      expect(resumed.exitCode, resumed.all).toBe(0);
      expect(cases(run)).toEqual(cases(whole));
    },
    TIMEOUT_MS,
  );

  test(
    "SIGINT in the first moment says a word, and leaves no folder",
    async () => {
      const run = join(folder, "at-once");
      const child = lightnetBench([...SMALL_RUN, "--out", run], folder);
      await new Promise((resolve) => setTimeout(resolve, 600));
      child.kill("SIGINT");
      const result = await child;
      expect(result.stderr).toMatch(/interrupted before|stopped before/);
      expect(result.exitCode).toBe(130);
      expect(existsSync(run)).toBe(false);
    },
    TIMEOUT_MS,
  );

  test(
    "SIGINT keeps what is finished, says how to go on, and exits with 130",
    async () => {
      const run = join(folder, "interrupted");
      const child = lightnetBench([...SMALL_RUN, "--out", run], folder);
      await untilAtoms(run, 1);
      child.kill("SIGINT");
      const result = await child;
      expect(result.exitCode).toBe(130);
      expect(result.stderr).toMatch(/Continue with: lightnet-bench run --resume/);
      expect(existsSync(join(run, "lock"))).toBe(false);
      expect(finishedAtoms(run).length).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});

describe("a run that names its own folder", () => {
  test(
    "has it for itself, however many start at once",
    async () => {
      const place = mkdtempSync(join(tmpdir(), "lightnet-bench-"));
      const args = [...SMALL_RUN, "--run-budget", "1ms", "--quiet"];
      const results = await Promise.all([1, 2, 3].map(() => lightnetBench(args, place)));
      const codes = results.map(({ exitCode }) => exitCode);
      expect(codes, results[0]?.all).toEqual([5, 5, 5]); // the budget ended before the work
      const runs = results.map(({ stderr }) => /run --resume (\S+)$/m.exec(stderr)![1]!); // the hint names it as it is typed
      expect(readdirSync(join(place, "results", "runs")).sort()).toEqual(runs.map((run) => basename(run)).sort());
      const checked = formsChecked(join(place, runs[0]!));
      expect(checked).toEqual(formsChecked(whole)); // the check does not count against the budget

      const resumed = await lightnetBench(["run", "--resume", runs[0]!, "--run-budget", "1h"], place);
      expect(resumed.exitCode, resumed.all).toBe(0);
      expect(cases(join(place, runs[0]!))).toEqual(cases(whole));
      expect(formsChecked(join(place, runs[0]!))).toEqual(checked);
    },
    TIMEOUT_MS,
  );

  test(
    "has none where the engine is refused, or for a dry run",
    async () => {
      const place = mkdtempSync(join(tmpdir(), "lightnet-bench-"));
      const refused = await lightnetBench(["run", "--engine", "webgpu", "--gpu-adapter", "no such GPU"], place);
      expect(refused.exitCode, refused.all).toBe(4);
      const dry = await lightnetBench([...SMALL_RUN, "--dry-run"], place);
      expect(dry.stdout).toMatch(/records would go to results.runs/);
      expect(readdirSync(place)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe("wrong usage", () => {
  test.each<[string, string[], number, RegExp]>([
    ["unknown suite", ["run", "kernel-foward"], 3, /Did you mean kernel-forward\?/],
    ["unknown engine", ["run", "--engine", "wsm"], 3, /Did you mean wasm\?/],
    ["unknown scale", ["run", "--scale", "tiny"], 3, /No scale is called "tiny"/],
    ["unknown axis", ["run", "--engine", "wasm", "--filter", "contnder=x"], 3, /Did you mean contender\?/],
    ["unknown value", ["run", "--engine", "wasm", "--filter", "N=257"], 3, /No value of axis N is called "257"/],
    ["unknown command", ["reprdouce"], 3, /Did you mean reproduce\?/],
    ["unknown flag", ["run", "--scal", "smoke"], 3, /Did you mean --scale\?/],
    ["unknown list", ["list", "suits"], 3, /Did you mean suites\?/],
    [
      "an engine that is not here",
      ["run", "--engine", "tensorflow", "--out", "refused"],
      4,
      /tensorflow is not available/,
    ],
    ["a duration without unit", ["run", "--cell-budget", "30"], 3, /a number with a unit/],
    [
      "a data set that is not there",
      ["run", "image-classification", "--engine", "wasm", "--filter", "dataset=mnist"],
      4,
      /Data set mnist is not here/,
    ],
    ["no run yet", ["report"], 3, /holds no run yet/],
    ["slurm", ["run", "--executor", "slurm"], 3, /--executor slurm needs --engine/],
    ["vectors that are not there", ["verify", "--vectors", "nowhere"], 4, /nowhere: does not exist/],
  ])(
    "%s",
    async (_name, args, exitCode, message) => {
      const result = await lightnetBench(args, folder);
      expect(result.stderr).toMatch(message);
      expect(result.exitCode).toBe(exitCode);
    },
    TIMEOUT_MS,
  );

  test(
    "an output folder that cannot be made is named before anything is measured",
    async () => {
      writeFileSync(join(folder, "file"), "");
      const result = await lightnetBench([...SMALL_RUN, "--out", join("file", "run")], folder);
      expect(result.stderr).toMatch(/file.run cannot be written .* Choose another folder with --out/);
      expect(result.exitCode).toBe(4);
    },
    TIMEOUT_MS,
  );

  test(
    "a vector file that cannot be checked is a miss",
    async () => {
      writeFileSync(join(folder, "broken.safetensors"), "not safetensors");
      const result = await lightnetBench(["verify", "--vectors", "broken.safetensors"], folder);
      expect(result.stdout).toMatch(/MISS +broken\.safetensors/);
      expect(result.exitCode).toBe(1);
    },
    TIMEOUT_MS,
  );
});

test(
  "a step of the wall clock ends nothing: durations are monotonic",
  async () => {
    const result = await lightnetBench([...SMALL_RUN, "--out", join(folder, "clock")], folder, {
      NODE_OPTIONS: `--import ${pathToFileURL(join(packageRoot(), "src", "testing", "clock-step.mjs")).href}`,
      CLOCK_STEP_AFTER: "3000",
      CLOCK_STEP: String(24 * 3600 * 1000),
    });
    expect(result.exitCode, result.all).toBe(0);
    expect(recordsOf(join(folder, "clock")).every(({ status }) => status === "ok")).toBe(true);
  },
  TIMEOUT_MS,
);
