import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { buildTables } from "#report/build";
import { printedTable } from "#report/tables/printed-table";
import { cellOf } from "#report/tables/text-table";
import { explainCell } from "./explain-cell.ts";

const { manifest, records, suites } = fixtureRun({ processes: 2 });
const run = { manifest, records, folder: "here", warnings: [] };
const { tables } = buildTables({ runs: [run], suites });

test("every cell is found by the names that are printed, of rows and of columns", () => {
  let explained = 0;
  for (const table of tables.map(printedTable))
    for (const row of table.rows)
      for (const column of table.columns.slice(1)) {
        const text = explainCell(tables, [run], `${table.id}/${cellOf(row, table.columns[0]!).text}/${column.title}`);
        if (text.includes("lines of here/records.jsonl")) explained++;
      }
  expect(explained).toBeGreaterThan(20);
});

test("a row that is not there is refused, with the nearest", () => {
  expect(() => explainCell(tables, [run], "scan-speed/vector-2scan 2-D N1 forward/ours")).toThrow(/No row is called/);
  expect(() => explainCell(tables, [run], "scan-speed")).toThrow(/table\/row\/column/);
});
