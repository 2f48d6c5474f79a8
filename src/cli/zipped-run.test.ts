import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { strToU8, zipSync, type Zippable } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoreError } from "#base/errors";
import { loadRun } from "#store/load";
import { fixtureRun } from "#testing/fixture-records";
import { findRunToRead, reportFolder } from "./zipped-run.ts";

let top: string;
beforeEach(() => (top = mkdtempSync(join(tmpdir(), "zipped-run-"))));
afterEach(() => rmSync(top, { recursive: true }));

const { manifest, records } = fixtureRun({ processes: 1, rounds: 1 });
const MANIFEST = strToU8(JSON.stringify(manifest));
const RECORDS = strToU8(records.map((record) => `${JSON.stringify(record)}\n`).join(""));

function zip(entries: Zippable, name = "a.zip"): string {
  const path = join(top, name);
  writeFileSync(path, zipSync(entries));
  return path;
}

test.each([
  ["in a folder", { "run/manifest.json": MANIFEST, "run/records.jsonl": RECORDS }],
  ["at its top", { "manifest.json": MANIFEST, "records.jsonl": RECORDS }],
  ["beside others, which are left out", { "manifest.json": MANIFEST, "records.jsonl": RECORDS, "a/b/c.txt": RECORDS }],
])("a zip with a run %s is read as that run, and its report goes beside it", async (_where, entries) => {
  const path = zip(entries);
  const folder = await findRunToRead(path);
  expect(loadRun(folder).records).toHaveLength(records.length);
  expect(existsSync(join(folder, "c.txt"))).toBe(false);
  expect(dirname(folder).startsWith(tmpdir())).toBe(true);
  expect(reportFolder(path, folder)).toBe(join(top, "a"));
});

test("what names no zip is found as ever", async () => {
  await expect(findRunToRead("no-such-run")).rejects.toThrow(StoreError);
  expect(reportFolder("latest", "/runs/x")).toBe("/runs/x");
});

const LINK = { os: 3, attrs: 0o120777 << 16 } as const;

test.each<readonly [string, Zippable, RegExp]>([
  ["no run", { "notes.txt": RECORDS }, /holds no run/],
  ["a manifest that lies too deep", { "a/b/manifest.json": MANIFEST }, /holds no run/],
  ["two runs", { "a/manifest.json": MANIFEST, "b/manifest.json": MANIFEST }, /comes twice/],
  ["a name that leads out", { "../manifest.json": MANIFEST }, /not a sound|leads out|relative path/],
  ["an absolute name", { "/manifest.json": MANIFEST }, /not a sound|leads out|absolute path/],
  ["a link", { "manifest.json": [MANIFEST, LINK] }, /neither a file nor a folder/],
])("a zip with %s is refused in one line that names it", async (_what, entries, reason) => {
  const path = zip(entries);
  const error = await findRunToRead(path).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StoreError);
  expect((error as StoreError).message).toMatch(reason);
  expect((error as StoreError).message.startsWith(`${path}: `)).toBe(true);
  expect((error as StoreError).message).not.toContain("\n");
});

test("a zip that is damaged or cut off is refused", async () => {
  const whole = zipSync({ "manifest.json": MANIFEST, "records.jsonl": RECORDS });
  for (const bytes of [strToU8("no zip"), whole.slice(0, whole.length / 2), whole.fill(7, 60, 200)]) {
    writeFileSync(join(top, "b.zip"), bytes);
    await expect(findRunToRead(join(top, "b.zip"))).rejects.toThrow(StoreError);
  }
});
