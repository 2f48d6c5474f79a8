import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { addRunFlags, flagsOfRun, readRunFlags } from "./run-flags.ts";

function runWith(flags: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), "flags-"));
  const { manifest } = fixtureRun({ processes: 1, rounds: 1 });
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ ...manifest, flags }));
  return folder;
}

function read(...args: string[]) {
  const command = addRunFlags(new Command("run")).exitOverride();
  command.parse(args, { from: "user" });
  return readRunFlags(command);
}

test.each([
  ["seeds", 1e9],
  ["scale", "huge"],
  ["contenderBudget", "x"],
  ["cellBudget", "x"],
  ["trainSteps", 0.5],
  ["memoryLimit", -1],
  ["filter", "N=1"],
  ["dataDir", ""],
  ["jbos", 2],
])("a manifest whose flag %s says %j is refused, as the command line refuses it", (name, value) => {
  const folder = runWith({ [name]: value });
  expect(() => flagsOfRun(folder)).toThrow(/manifest\.json: .* or start a new run/);
  expect(() => read("--resume", folder)).toThrow(/manifest\.json/);
});

test("a resumed run goes on with its flags, older names included, unless they are given anew", () => {
  const folder = runWith({ scale: "smoke", engine: "wasm", cellBudget: 0.03, seeds: 2, filter: ["N=256"] });
  expect(read("--resume", folder)).toMatchObject({
    engine: "wasm",
    contenderBudget: 0.03,
    seeds: 2,
    filter: ["N=256"],
  });
  expect(read("--resume", folder, "--seeds", "1", "--cell-budget", "2s")).toMatchObject({
    contenderBudget: 2,
    seeds: 1,
  });
});

test("another scale is added to a run only when that is said", () => {
  const folder = runWith({ scale: "smoke", engine: "wasm" });
  expect(() => read("--resume", folder, "--scale", "small")).toThrow(/of scale smoke\. Add --add-scale/);
  expect(read("--resume", folder, "--scale", "small", "--add-scale").scale).toBe("small");
  expect(read("--resume", folder, "--scale", "smoke").scale).toBe("smoke");
});

test.each([
  [["--seeds", "1e9"], /--seeds or LIGHTNET_BENCH_SEEDS: a whole number from 1 to 1000/],
  [["--out", ""], /--out or LIGHTNET_BENCH_OUT: a value is needed/],
  [["--name", "../x"], /--name or LIGHTNET_BENCH_NAME: a name has/],
  [["--retry-failed"], /goes with --resume/],
  [["--add-scale"], /goes with --resume/],
])("%j is refused", (args, message) => {
  expect(() => read(...args)).toThrow(message);
});
