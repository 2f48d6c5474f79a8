import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { UsageError } from "#base/errors";
import { fixtureRun } from "#testing/fixture-records";
import { runPaths } from "./layout.ts";
import { loadRun, type LoadedRun } from "./load.ts";
import { commitsOf, convert, objections, publish } from "./publish.ts";
import { RunWriter } from "./writer.ts";

const { manifest, records } = fixtureRun({ processes: 1, rounds: 2 });
let top: string;
let folder: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "publish-"));
  folder = join(top, "machine", "run");
  const writer = RunWriter.open(folder);
  writer.writeManifest(manifest);
  writer.appendAtom(records);
  writer.close();
  for (const name of ["csv", "charts", "samples"]) mkdirSync(join(folder, name));
  for (const name of ["csv/a.csv", "samples/a.png", "report.html", "notes.md"]) writeFileSync(join(folder, name), name);
});
afterEach(() => rmSync(top, { recursive: true }));

const withEnvironment = (change: object): LoadedRun => {
  const environments = Object.entries(manifest.environments).map(([hash, found]) => [hash, { ...found, ...change }]);
  return { folder, manifest: { ...manifest, environments: Object.fromEntries(environments) }, records, warnings: [] };
};

test("a published run is manifest and packed records, and reads as before", () => {
  const before = loadRun(folder);
  const target = join(top, "published");
  publish(folder, target);
  expect(readdirSync(target)).toEqual(["manifest.json", "records.jsonl.gz"]);
  expect(gunzipSync(readFileSync(join(target, "records.jsonl.gz")))).toEqual(
    readFileSync(join(folder, "records.jsonl")),
  );
  expect(loadRun(target)).toEqual({ ...before, folder: target });
  expect(() => publish(folder, target)).toThrow(UsageError);
});

test("a published run does not tell where the folders of its machine lie", () => {
  const paths = runPaths(folder);
  const made = JSON.stringify({
    ...manifest,
    command: "lightnet-bench run recall --data-dir /home/me/sets --out=/tmp/x/run --filter a=b/c",
    flags: { ...manifest.flags, dataDir: "/home/me/sets" },
  });
  writeFileSync(paths.manifest, made);
  publish(folder, join(top, "published"));
  const published = loadRun(join(top, "published")).manifest;
  expect(published.command).toBe("lightnet-bench run recall --data-dir sets --out=run --filter a=b/c");
  expect(published.flags.dataDir).toBe("sets");
});

test("nor does what a failure says: reason and stack name files by their last part", () => {
  const failed = records.find(({ status }) => status !== "ok" && status !== "skipped")!;
  const error = [
    "Error: ENOENT: no such file, open '/home/me/sets/a.txt'",
    "    at readTensors (file:///home/me/bench/dist/src/host/safetensors.js:20:5)",
    "    at async /home/me/bench/dist/src/runner/child.js:7:1",
  ];
  const reason = "/home/me/mine has changed since the run began; see https://example.org/a/b and src/store";
  appendFileSync(
    runPaths(folder).records,
    `${JSON.stringify({ ...failed, status: "failed", reason, error: error.join("\n") })}\n`,
  );
  publish(folder, join(top, "published"));
  expect(loadRun(join(top, "published")).records.at(-1)).toMatchObject({
    reason: "mine has changed since the run began; see https://example.org/a/b and src/store",
    error:
      "Error: ENOENT: no such file, open 'a.txt'\n    at readTensors (safetensors.js:20:5)\n    at async child.js:7:1",
  });
});

test("equal runs give equal files", () => {
  const [a, b] = [join(top, "a"), join(top, "b")];
  publish(folder, a);
  publish(a, b); // and a published run can be published elsewhere
  expect(readFileSync(join(a, "records.jsonl.gz"))).toEqual(readFileSync(join(b, "records.jsonl.gz")));
});

test("a run from a clean tree at one version of the code has nothing against it; its commits are named", () => {
  expect(objections(loadRun(folder))).toEqual([]);
  expect(commitsOf(loadRun(folder))).toEqual(["0123456789abcdef"]);
});

test("a dirty tree, no commit, two versions of the code for one case, and no records stand against it", () => {
  expect(objections(withEnvironment({ gitDirty: true }))).toEqual([
    expect.stringMatching(/with changes that no commit/),
  ]);
  expect(objections(withEnvironment({ gitCommit: undefined }))).toEqual([expect.stringMatching(/names no commit/)]);
  const newer = [...records, { ...records[0]!, codeHash: "newer" }];
  expect(objections({ ...withEnvironment({}), records: newer })).toEqual([
    expect.stringMatching(/measured by code code-1 and again by newer/),
  ]);
  expect(objections({ ...withEnvironment({}), records: [] })).toEqual(["it holds no records"]);
});

test("convert packs every run below a folder in place, takes derived files away and leaves a self-test its own", () => {
  const selftest = join(top, "machine", "selftest");
  mkdirSync(selftest);
  for (const name of ["records.jsonl", "table.md", "machine.json"]) writeFileSync(join(selftest, name), "{}\n");
  const before = loadRun(folder);
  expect(convert(top)).toEqual([folder, selftest]);
  expect(readdirSync(folder)).toEqual(["manifest.json", "notes.md", "records.jsonl.gz"]);
  expect(readdirSync(selftest)).toEqual(["machine.json", "records.jsonl.gz", "table.md"]);
  expect(loadRun(folder)).toEqual(before);
  expect(convert(top)).toEqual([]);
  expect(existsSync(join(folder, "records.jsonl"))).toBe(false);
});
