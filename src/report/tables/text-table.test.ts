import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { csvOfTable, csvOfTables, markdownOf, type TextTable } from "./text-table.ts";

const table: TextTable = {
  id: "demo",
  title: "A | B",
  columns: [
    { id: "model", title: "model", align: "left" },
    { id: "time", title: "time per step", align: "right", csv: "time_per_step_s" },
  ],
  rows: [
    {
      id: "a",
      cells: { model: { text: "x_1 | <b>" }, time: { text: "1.0 [0.9, 1.1] s", value: 1, low: 0.9, high: 1.1 } },
    },
    { id: "b", cells: { model: { text: "50 % ± 2 †" } } },
  ],
  notes: ["n ≥ 3"],
};

test("Markdown keeps its columns whatever the cells hold", () => {
  const lines = markdownOf(table).split("\n");
  expect(lines[0]).toBe("## A \\| B");
  expect(lines[3]).toBe("| :- | -: |");
  expect(lines[4]).toBe("| x\\_1 \\| \\<b\\> | 1.0 [0.9, 1.1] s |");
  for (const line of lines.slice(2, 6)) expect(line.replaceAll("\\|", "").split("|")).toHaveLength(4);
});

test("CSV gives numbers with their interval under a header with the unit", () => {
  expect(parse(csvOfTable(table), { columns: true })).toEqual([
    { model: "x_1 | <b>", time_per_step_s: "1", time_per_step_s_low: "0.9", time_per_step_s_high: "1.1" },
    { model: "50 % ± 2 †", time_per_step_s: "", time_per_step_s_low: "", time_per_step_s_high: "" },
  ]);
});

test("tables with the same columns become one CSV that names table and row", () => {
  const [first] = parse(csvOfTables([table, { ...table, id: "other" }]), { columns: true }) as Record<string, string>[];
  expect(first).toMatchObject({ table: "demo", row: "a", model: "x_1 | <b>", time_per_step_s_high: "1.1" });
  expect(parse(csvOfTables([table, { ...table, id: "other" }]), { columns: true })).toHaveLength(4);
});
