import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { host } from "./current.ts";
import { FileError } from "./host.ts";

const { makeFolder } = host.files;

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
  expect(() => makeFolder(file)).toThrow(FileError);
  expect(() => makeFolder(join(file, "below"))).toThrow(FileError);
});

test.skipIf(process.platform !== "linux")(
  "a file system that makes no folders gives an error, not an endless wait",
  () => {
    expect(() => makeFolder("/proc/lightnet-bench")).toThrow(/does not exist/);
  },
);
