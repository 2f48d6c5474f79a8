import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DataError, UsageError } from "#base/errors";
import { IMPORT_COLUMNS } from "#catalogue/paper/import";
import { addPaper, userValues } from "./paper.ts";

// Numbers that are nobody's, used only to see them travel.
const TINY = "image-classification,LightNet-T,top-1,12.30,%,,1.5,ImageNet-1k 224px,,a thesis";
const SMALL = TINY.replace("LightNet-T", "LightNet-S").replace("12.30", "45.60");

const start = process.cwd();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paper-"));
  process.chdir(folder);
  vi.spyOn(console, "error").mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
  process.chdir(start);
  rmSync(folder, { recursive: true });
});

function importLines(lines: readonly string[], ...flags: readonly string[]): void {
  const path = join(folder, "mine.csv");
  writeFileSync(path, [IMPORT_COLUMNS.join(","), ...lines].join("\n"));
  const program = new Command();
  addPaper(program);
  program.parse(["paper", "import", path, ...flags], { from: "user" });
}
const imported = () => userValues().map(({ model, value }) => `${model} ${value}`);

test("values are added to those from before; --replace forgets those", () => {
  importLines([TINY]);
  importLines([SMALL]);
  expect(imported()).toEqual(["LightNet-T 12.30", "LightNet-S 45.60"]);
  importLines([SMALL], "--replace");
  expect(imported()).toEqual(["LightNet-S 45.60"]);
});

test("another value for a cell is refused and nothing is lost; the same one is no second", () => {
  importLines([TINY]);
  importLines([TINY]);
  expect(() => importLines([TINY.replace("12.30", "12.31")])).toThrow(UsageError);
  expect(() => importLines([TINY.replace("12.30", "12.31")])).toThrow(/imported as 12\.30 and is 12\.31.*--replace/);
  expect(imported()).toEqual(["LightNet-T 12.30"]);
  expect(
    readFileSync(join(folder, "results", "paper-values.user.csv"), "utf8")
      .trim()
      .split("\n"),
  ).toHaveLength(2);
});

test("a file that is none is named", () => {
  const program = new Command();
  addPaper(program);
  expect(() => program.parse(["paper", "import", folder], { from: "user" })).toThrow(DataError);
});
