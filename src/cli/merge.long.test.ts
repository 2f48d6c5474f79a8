import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoreError, UsageError } from "#base/errors";
import { hashJson } from "#base/json";
import { loadRun } from "#store/load";
import type { Manifest, RunRecord } from "#store/record";
import { RunWriter } from "#store/writer";
import { fixtureRun } from "#testing/fixture-records";
import { mergeRuns } from "./merge.ts";

let top: string;
beforeEach(() => (top = mkdtempSync(join(tmpdir(), "merge-"))));
afterEach(() => rmSync(top, { recursive: true }));

const { manifest, records } = fixtureRun({ processes: 2, rounds: 2, run: "first" });

function stored(name: string, lines: readonly RunRecord[] = records, change: Partial<Manifest> = {}): string {
  const folder = join(top, name);
  const writer = RunWriter.open(folder);
  writer.writeManifest({ ...manifest, run: name, ...change });
  writer.appendAtom(lines);
  writer.close();
  return folder;
}

/** The same cases measured again a day later: other processes. */
const again = records.map((record) => ({ ...record, startedAt: record.startedAt.replace("-01T", "-02T") }));
const processesOf = (folder: string) =>
  new Set(loadRun(folder).records.map((record) => `${record.caseId} ${record.process}`)).size;
const picture = Buffer.from([0x89, 0x50]);

test("a run merged with itself, or with a run that holds it, has every process once, with a word about it", () => {
  const run = stored("run");
  const [twice, thrice] = [join(top, "twice"), join(top, "thrice")];
  expect(mergeRuns([run, run], twice).join("\n")).toMatch(/repeats \d+ of \d+ processes, which count once/);
  mergeRuns([twice, run], thrice);
  expect(processesOf(twice)).toBe(processesOf(run));
  expect(processesOf(thrice)).toBe(processesOf(run));
});

test("what was measured twice has more processes", () => {
  const out = join(top, "both");
  mergeRuns([stored("monday"), stored("tuesday", again)], out);
  expect(processesOf(out)).toBe(2 * processesOf(join(top, "monday")));
});

test("what a resumed run needs is kept: suites, common flags, checkpoints, pictures, and each run's own logs", () => {
  const parts = ["a", "b"].map((name, index) => {
    const failed = records.findIndex(({ status }) => status === "oom");
    const lines = (index === 0 ? records : again).map((record, at) =>
      at === failed ? ({ ...record, logFile: "logs/m-0-0.log" } as RunRecord) : record,
    );
    const flags = {
      scale: "smoke",
      seeds: 3,
      filter: [`N=${256 * (index + 1)}`],
      engine: index === 0 ? "wasm" : "cpu",
    };
    const folder = stored(name, lines, { suites: [`suite-${name}`], flags });
    for (const kind of ["logs", "samples", "checkpoints"]) mkdirSync(join(folder, kind));
    writeFileSync(join(folder, "logs", "m-0-0.log"), `of ${name}`);
    writeFileSync(join(folder, "samples", `${name}.png`), picture);
    writeFileSync(join(folder, "checkpoints", `${name}.safetensors`), name);
    return folder;
  });
  writeFileSync(join(top, "secret"), "");
  symlinkSync("../../secret", join(parts[0]!, "logs", "link"));
  const out = join(top, "joined");
  const said = mergeRuns(parts, out);
  const joined = loadRun(out);
  expect(joined.manifest).toMatchObject({ suites: ["suite-a", "suite-b"] });
  expect(joined.manifest.flags).toEqual({ scale: "smoke", seeds: 3, filter: ["N=256", "N=512"] });
  expect(said.join("\n")).toContain("different values of engine");
  expect(readdirSync(join(out, "samples"))).toEqual(["a.png", "b.png"]);
  expect(readdirSync(join(out, "checkpoints"))).toEqual(["a.safetensors", "b.safetensors"]);
  const logs = joined.records.flatMap((record) =>
    "logFile" in record && record.logFile?.includes("m-0-0") ? [record.logFile] : [],
  );
  expect(logs.map((log) => readFileSync(join(out, log), "utf8")).sort()).toEqual(["of a", "of b"]);
  expect(readdirSync(join(out, "logs"))).toHaveLength(2);
});

test("one case on two machines, two scales, and a folder that holds a run are refused by name", () => {
  const run = stored("run");
  const [[, environment]] = Object.entries(manifest.environments) as [[string, Manifest["environments"][string]]];
  const other = { ...environment, cpu: "Another CPU" };
  const moved = again.map((record) => ({ ...record, environment: hashJson(other) }));
  const machine = stored("machine", moved, {
    run: "run", // two machines may have given their runs one name
    environments: { [hashJson(other)]: other },
  });
  expect(() => mergeRuns([run, machine], join(top, "out"))).toThrow(
    /was measured on Fixture CPU .* in run and on Another CPU .* in run/,
  );
  const scale = stored("scale", again, { scale: "small" });
  expect(() => mergeRuns([run, scale], join(top, "out"))).toThrow(/different scales \(smoke, small\)/);
  expect(() => mergeRuns([run, run], run)).toThrow(UsageError);
  expect(existsSync(join(top, "out"))).toBe(false);
});

test("a record of an environment that the manifest lacks is damage, named with file and line", () => {
  const run = stored("run", records, { environments: {} });
  expect(() => mergeRuns([run], join(top, "out"))).toThrow(StoreError);
  expect(() => mergeRuns([run], join(top, "out"))).toThrow(/records\.jsonl:1: names environment/);
});
