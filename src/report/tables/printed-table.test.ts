import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { buildTables } from "../build.ts";
import { latexFragment } from "./latex.ts";
import { foldedTable, hasOwnValue, printedTable } from "./printed-table.ts";
import { MOST_COLUMNS, cellOf } from "./text-table.ts";

const { manifest, records, suites } = fixtureRun({ processes: 2 });
const { tables } = buildTables({ runs: [{ manifest, records }], suites });
const own = tables.filter(hasOwnValue);

test("each row begins with its own name, and no column is empty", () => {
  expect(own.length).toBeGreaterThan(1);
  for (const table of own.map(printedTable)) {
    const names = table.rows.map((row) => cellOf(row, table.columns[0]!).text);
    expect(names).toEqual(table.rows.map(({ id }) => id));
    expect(new Set(names).size).toBe(names.length);
    for (const column of table.columns)
      expect(table.rows.some((row) => !["", "—"].includes(cellOf(row, column).text))).toBe(true);
  }
});

test("eight columns are printed, led by those that answer; nothing else is lost without a word", () => {
  for (const table of own) {
    const [all, folded] = [printedTable(table), foldedTable(table)];
    expect(folded.columns.length, table.id).toBeLessThanOrEqual(MOST_COLUMNS);
    expect(folded.columns.map(({ id }) => id)).toEqual(expect.arrayContaining(["row", "ours", "verdict"]));
    const said = folded.notes.slice(0, 2).join(" ");
    for (const { id, title } of all.columns)
      expect(folded.columns.some((column) => column.id === id) || said.includes(title), title).toBe(true);
  }
  expect(Math.max(...own.map((table) => printedTable(table).columns.length))).toBeGreaterThan(MOST_COLUMNS);
});

test("what all rows repeat is said once", () => {
  const cell = (text: string) => ({ text });
  const column = (id: string) => ({ id, title: id, align: "left" as const });
  const rows = ["a", "b"].map((id) => ({ id, cells: { metric: cell("top-1"), ours: cell(`${id}1`), n: cell("7") } }));
  const { columns, notes } = foldedTable({
    ...{ id: "t", title: "t", rows, notes: ["own note"] },
    columns: [column("metric"), column("ours"), column("n"), ...[..."cdefghi"].map(column)],
  });
  expect(columns.map(({ id }) => id)).toEqual(["row", "ours"]);
  expect(notes).toEqual(["In every row: metric top-1 · n 7.", "own note"]);
});

test("the row of LightNet has its difference to the best rival", () => {
  const cells = own.flatMap(({ rows }) => rows).map((row) => row.cells);
  const best = cells.filter(({ verdict }) => verdict?.text.startsWith("the subject; best rival: ") === true);
  expect(best.length).toBeGreaterThan(0);
  for (const { difference } of best) expect(difference!.text).toMatch(/^[+−][\d.]+/);
});

test("sources that are no publication are not printed", () => {
  const texts = tables.flatMap(({ rows }) => rows.flatMap(({ cells }) => Object.values(cells).map(({ text }) => text)));
  expect(texts.filter((text) => /digest|weak/i.test(text))).toEqual([]);
});

test("a fragment is one floating table with booktabs and no document around it", () => {
  const text = latexFragment(printedTable(own[0]!));
  expect(text).toMatch(/^% \\usepackage\{booktabs,textcomp\}\n\\begin\{table\}/);
  for (const rule of ["toprule", "midrule", "bottomrule"]) expect(text).toContain(`\\${rule}`);
  expect(text).not.toContain("documentclass");
});
