import { expect, test } from "vitest";
import { allSuites } from "../../suites/index.ts";
import { clusterCosts } from "./cluster-costs.ts";

test("every suite with cases at scale paper has a row, with a time", () => {
  const rows = clusterCosts().trim().split("\n").slice(2);
  expect(rows.length).toBeGreaterThan(0.8 * allSuites.length);
  for (const row of rows) expect(row).toMatch(/^\| [\w-]+ \|.*\| [\d. ]+ \| [\d.]+ \w+ \|$/);
});
