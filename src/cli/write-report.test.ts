import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoreError } from "#base/errors";
import type { LoadedRun } from "#store/load";
import { fixtureRun } from "#testing/fixture-records";
import { writeReport } from "./write-report.ts";

let top: string;
beforeEach(() => (top = mkdtempSync(join(tmpdir(), "write-report-"))));
afterEach(() => rmSync(top, { recursive: true }));

/** One operator case of the fixture, of a suite called `suite`. */
function runOf(suite: string): LoadedRun {
  const { manifest, records } = fixtureRun({ processes: 1, rounds: 1 });
  const [record] = records.filter(({ status, case: item }) => status === "ok" && item.kind === "operator");
  const renamed = { ...record!, final: true, case: { ...record!.case, suite } };
  return { folder: join(top, "a", "run"), manifest, records: [renamed], warnings: [] };
}

test.each(["../../../PWN", "/PWN", "PWN\0", `PWN${"x".repeat(300)}`, "PWN.."])(
  "a suite called %j writes nothing outside the report's folder",
  async (suite) => {
    const run = runOf(suite);
    await writeReport([run], [], run.folder);
    expect(readdirSync(top)).toEqual(["a"]);
    expect(readdirSync(join(top, "a"))).toEqual(["run"]);
    expect(readdirSync(run.folder).sort()).toEqual(["csv", "report.html", "tables"]);
    expect(readdirSync(join(run.folder, "csv")).every((name) => /^pwnx*-[\w-]+\.csv$/.test(name))).toBe(true);
  },
);

test("a link in the report's folder that leads out of it is refused, and nothing is written there", async () => {
  const run = runOf("scan-count");
  mkdirSync(run.folder, { recursive: true });
  mkdirSync(join(top, "elsewhere"));
  symlinkSync(join(top, "elsewhere"), join(run.folder, "csv"));
  await expect(writeReport([run], [], run.folder)).rejects.toThrow(StoreError);
  expect(readdirSync(join(top, "elsewhere"))).toEqual([]);
  expect(existsSync(join(run.folder, "report.html"))).toBe(false);
});
