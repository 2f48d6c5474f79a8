import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "vitest";
import { fixtureRun } from "../testing/fixture-records.ts";
import { buildReport } from "./build.ts";
test("try", () => {
  const run = fixtureRun();
  const t = performance.now();
  const report = buildReport({ manifests: [run.manifest], records: run.records, suites: run.suites });
  console.log(performance.now() - t, run.records.length);
  for (const { path, content } of report.files) {
    const to = join("/tmp/rep/run", path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, content);
  }
  console.log(report.summaryText);
});
