import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StoreError } from "#base/errors";
import { host } from "./current.ts";
import { pathInside } from "./inside.ts";

const { isInside } = host.files;

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
