import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StoreError } from "./errors.ts";
import { isInside, pathInside, safeFileName } from "./file-name.ts";

test("a plain name in lower case stays as it is", () => {
  for (const name of ["kernel-forward", "scan-count-time.dims-2", "a", "0"]) expect(safeFileName(name)).toBe(name);
});

test.each(["../../PWN", "/etc/passwd", "a/b", "a\\b", "a\0b", "..", ".", "", ".hidden", "con", "NUL.csv", "com1.txt"])(
  "%j becomes a name of letters, digits and dashes",
  (name) => expect(safeFileName(name)).toMatch(/^([a-z0-9]+-)*[0-9a-f]{8}$/),
);

test("names that differ in case, in a control character or beyond the longest name get different files", () => {
  const long = "x".repeat(300);
  const names = ["A", "a", "a\u0001", "a\u0002", long, `${long}y`, "ä", "a\u0308", "\uD800", "\uD801"];
  const files = names.map(safeFileName);
  expect(new Set(files).size).toBe(names.length);
  expect(files[0]).toMatch(/^a-/);
});

test("any text gives a short name that every file system takes, and stays itself when named again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
      const name = safeFileName(text);
      expect(name).toMatch(/^[a-z0-9][a-z0-9._-]{0,159}$/);
      expect(name).not.toContain("..");
      expect(safeFileName(name)).toBe(name);
    }),
  );
});

describe("paths in a folder", () => {
  let top: string;
  let folder: string;
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), "inside-"));
    folder = join(top, "run");
    mkdirSync(join(folder, "csv"), { recursive: true });
    mkdirSync(join(top, "elsewhere"));
  });
  afterEach(() => rmSync(top, { recursive: true }));

  test("a file that exists or will be made in the folder is inside, in a folder that does not exist too", () => {
    writeFileSync(join(folder, "csv", "a.csv"), "");
    for (const path of ["csv/a.csv", "csv/b.csv", "charts/deep/b.png"]) expect(isInside(folder, path)).toBe(true);
    expect(pathInside(join(top, "not-there"), "a.csv")).toBe(join(top, "not-there", "a.csv"));
  });

  test("a path that climbs out is not, and the error names it", () => {
    for (const path of ["../run-2/a.csv", "/etc/passwd", "csv/../../a"]) expect(isInside(folder, path)).toBe(false);
    expect(() => pathInside(folder, "../a.csv")).toThrow(StoreError);
    expect(() => pathInside(folder, "../a.csv")).toThrow(/a\.csv: leads out of .*Remove the link/);
  });

  test("links are followed: one that leads out, to nowhere or in a circle is refused, one that stays is not", () => {
    symlinkSync(join(top, "elsewhere"), join(folder, "charts"));
    symlinkSync("gone", join(folder, "samples"));
    symlinkSync("round", join(folder, "round"));
    symlinkSync("csv", join(folder, "tables"));
    expect(isInside(folder, "charts/a.png")).toBe(false);
    expect(isInside(folder, "samples/a.png")).toBe(false);
    expect(isInside(folder, "round/a")).toBe(false);
    expect(isInside(folder, "tables/a.md")).toBe(true);
  });

  test("a run folder that is itself reached by a link is one like any other", () => {
    symlinkSync(folder, join(top, "newest"));
    expect(isInside(join(top, "newest"), "csv/a.csv")).toBe(true);
  });
});
