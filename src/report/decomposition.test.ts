import { expect, test } from "vitest";
import { summarise } from "#evidence/summary";
import { fixtureRun } from "#testing/fixture-records";
import { decompositionsOf } from "./decomposition.ts";
import { decompositionTable } from "./tables/decomposition-table.ts";
import { ratioLookup, viewsOf } from "./view.ts";

const { records, suites } = fixtureRun();
const views = viewsOf(summarise(records), []);
const ratios = ratioLookup(records);

test("at every point of scan-count the whole is the product of its three factors, each with an interval", () => {
  const found = decompositionsOf(
    views.filter(({ item }) => item.suite === "scan-count"),
    ratios,
  );
  expect(found).toHaveLength(6); // two levels of three dimensions
  for (const { ratios: own } of found) {
    expect((own.scans.estimate * own.order.estimate * own.additivity.estimate) / own.whole.estimate).toBeCloseTo(1, 1);
    for (const { low, high } of Object.values(own)) expect(low!).toBeLessThan(high!);
  }
});

test("the table has a row a point, and there is none where a contender is missing", () => {
  const suite = suites.find(({ id }) => id === "scan-count")!;
  const table = decompositionTable(
    suite,
    views.filter(({ item }) => item.suite === suite.id),
    ratios,
  )!;
  expect(table.rows.map(({ id }) => id)).toContain("mixer forward 2 4096 wasm smoke");
  expect(table.columns.map(({ csv }) => csv).filter((name) => name !== undefined)).toEqual([
    "ratio_whole",
    "ratio_scans",
    "ratio_order",
    "ratio_additivity",
    "n",
  ]);
  expect(
    decompositionTable(
      suite,
      views.filter(({ contender }) => contender !== "vector-1scan"),
      ratios,
    ),
  ).toBeUndefined();
});
