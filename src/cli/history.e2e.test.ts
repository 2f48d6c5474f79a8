// A history from the first run added to the step that is shown.

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lightnetBench } from "#testing/command";
import { manifest, operatorCase, simulateRecords } from "#testing/simulated-records";

let folder: string;
const history = (...args: string[]) => lightnetBench(["history", ...args], folder);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "history-"));
  for (const [name, seconds] of [
    ["first", 1e-3],
    ["second", 2e-3],
  ] as const) {
    const run = join(folder, "results", "runs", name);
    mkdirSync(run, { recursive: true });
    writeFileSync(join(run, "manifest.json"), JSON.stringify(manifest(name)));
    const records = simulateRecords([operatorCase("additive-global", 256)], { seconds: () => seconds, processes: 3 });
    writeFileSync(join(run, "records.jsonl"), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

test("without a history it is said how one begins", async () => {
  const { all, exitCode } = await history();
  expect(all).toMatch(/no history yet.*history add/);
  expect(exitCode).toBe(3);
});

test("runs are added once each, shown in order, and damage names its line", async () => {
  expect((await history("add", "first")).all).toMatch(/1 number of first added/);
  expect((await history("add", "second")).exitCode).toBe(0);
  expect((await history("add", "first")).all).toMatch(/in place of 1 of the same run/);
  const { stdout } = await history();
  expect(stdout).toMatch(/2 runs, 1 series, 0 with a step/);
  expect(stdout).toMatch(/second +2\.0\d* .*ms[^]*first +1\.0\d* .*ms/);
  expect(stdout).toMatch(/false alarms: 1 in 200 series/);
  const at = join(folder, "results", "history");
  const path = join(at, readdirSync(at)[0]!);
  writeFileSync(path, `${readFileSync(path, "utf8")}{"schema":2}\n`);
  const { all, exitCode } = await history();
  expect(all).toMatch(/\.jsonl:3: does not follow the schema/);
  expect(exitCode).toBe(3);
});
