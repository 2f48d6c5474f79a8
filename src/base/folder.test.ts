import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeFolder } from "./folder.ts";

const base = mkdtempSync(join(tmpdir(), "lightnet-bench-folder-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

test("makes what is missing, and leaves alone what is there", () => {
  const path = join(base, "a", "b", "c");
  makeFolder(path);
  makeFolder(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

test("a file in the way is an error", () => {
  const file = join(base, "file");
  writeFileSync(file, "");
  expect(() => makeFolder(file)).toThrow(/EEXIST/);
  expect(() => makeFolder(join(file, "below"))).toThrow(/EEXIST|ENOTDIR/);
});

test.skipIf(process.platform !== "linux")(
  "a file system that makes no folders gives an error, not an endless wait",
  () => {
    expect(() => makeFolder("/proc/lightnet-bench")).toThrow(/ENOENT/);
  },
);
