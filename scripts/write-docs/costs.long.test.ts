import { expect, test } from "vitest";
import { allSuites } from "../../suites/index.ts";
import { clusterCosts, localCosts } from "./costs.ts";
import { publishedRuns } from "./published.ts";

test("every suite with cases at scale paper has a row, with a time", () => {
  const rows = clusterCosts().trim().split("\n").slice(2);
  expect(rows.length).toBeGreaterThan(0.8 * allSuites.length);
  for (const row of rows) expect(row).toMatch(/^\| [\w-]+ \|.*\| [\d. ]+ \| [\d.]+ \w+ \|$/);
});

test("every suite has a row with what it takes at smoke, and those that the published runs tell of at small", () => {
  const rows = localCosts(publishedRuns()).trim().split("\n").slice(4);
  expect(rows.map((row) => row.split("|")[1]!.trim()).sort()).toEqual(
    allSuites
      .map(({ id }) => id)
      .filter((id) => id !== "reviewer-images")
      .sort(),
  );
  for (const row of rows) expect(row).toMatch(/^\| [\w-]+ \| \d+ +\| [\d.]+ \w+ +\| \d+ +\| [\d.]+ \w+ +\|$/);
});
