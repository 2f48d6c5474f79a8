// `compare` as a person or a pipeline runs it: what it prints, and the status it ends with.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scaleTimes } from "#evidence/scale-times";
import type { RunRecord } from "#store/record";
import { lightnetBench } from "#testing/command";
import { manifest, operatorCase, simulateRecords, trainingRecord } from "#testing/simulated-records";

let folder: string;
const cases = [256, 512].map((N) => operatorCase("additive-global", N));
const timed = simulateRecords(cases, { seconds: () => 1e-3, processes: 8 });
const trained = (top1: number) => [1, 2, 3].map((seed) => trainingRecord({ seed, top1 }));

function write(name: string, records: readonly RunRecord[]): void {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, "manifest.json"), JSON.stringify(manifest(name)));
  const lines = records.map((record) => `${JSON.stringify(record)}\n`);
  writeFileSync(join(folder, name, "records.jsonl"), lines.join(""));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "compare-"));
  write("before", [...timed, ...trained(0.9)]);
  write("slower", [...scaleTimes(timed, 1.5), ...trained(0.9)]);
  write("worse", [...timed, ...trained(0.2)]);
  write("cut", [...timed.filter(({ matchup }) => matchup === timed[0]!.matchup), ...trained(0.9)]);
  write("other", simulateRecords([operatorCase("softmax-full", 64)], { seconds: () => 1 }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const compare = (candidate: string, ...flags: string[]) =>
  lightnetBench(["compare", join(folder, "before"), join(folder, candidate), ...flags], folder);

test.each([
  ["before", [], 0, /0 slower, .*same/],
  ["slower", [], 1, /2 slower/],
  ["worse", [], 1, /worse .* top1 .*a loss beyond the margin is shown|no longer beats/],
  ["worse", ["--fail-on", "none"], 0, /1 worse/],
  ["cut", [], 5, /1 results of the baseline are missing or unfinished/],
  ["cut", ["--allow-missing"], 0, /baseline measured, candidate absent/],
  ["other", [], 3, /have no measured case in common/],
])("before against %s %j ends with %i", async (candidate, flags, status, says) => {
  const { exitCode, all } = await compare(candidate, ...flags);
  expect(all).toMatch(says);
  expect(exitCode).toBe(status);
});

test("--filter compares some cases, --format junit fails those that are slower", async () => {
  const { exitCode, stdout } = await compare("slower", "--filter", "N=256", "--format", "junit");
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/<testsuite name="slower against before" tests="1" failures="1" skipped="0">/);
  expect(stdout).toMatch(/<testcase classname="[^"]+" name="[^"]*N 256[^"]*, time"><failure message="slower 1\.5/);
  const { all, exitCode: wrong } = await compare("slower", "--filter", "N=257");
  expect(all).toMatch(/No value of axis N is called "257"/);
  expect(wrong).toBe(3);
});
