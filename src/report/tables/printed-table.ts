// A table as `tables` prints it: the names by which --explain finds a row come first, and columns that hold nothing are left
// out. What all rows repeat is said once below, and eight columns are printed unless all are asked for.

import { counted } from "#base/counted";
import { ABSENT, MOST_COLUMNS, cellOf, type Column, type TextTable } from "./text-table.ts";

const ROW: Column = { id: "row", title: "row", align: "left" };

export function printedTable(table: TextTable): TextTable {
  const rows = table.rows.map((row) => ({ ...row, cells: { ...row.cells, row: { text: row.id } } }));
  const saysMore = (column: Column): boolean =>
    table.rows.some((row) => {
      const { text } = cellOf(row, column);
      return text !== "" && text !== ABSENT && text !== row.id;
    });
  return { ...table, columns: [ROW, ...table.columns.filter(saysMore)], rows };
}

/** The same in at most eight columns; below it what all rows repeat, and the columns that are left out. */
export function foldedTable(table: TextTable): TextTable {
  const printed = printedTable(table);
  const { rows, notes } = printed;
  const isRepeated = (column: Column): boolean =>
    column !== ROW && rows.length > 1 && new Set(rows.map((row) => cellOf(row, column).text)).size === 1;
  const repeated = printed.columns.filter(isRepeated);
  const varying = printed.columns.filter((column) => !isRepeated(column));
  const [columns, left] = [varying.slice(0, MOST_COLUMNS), varying.slice(MOST_COLUMNS)];
  const same = repeated.map((column) => `${column.title} ${cellOf(rows[0]!, column).text}`).join(" · ");
  const titles = left.map(({ title }) => title).join(", ");
  return {
    ...printed,
    columns,
    notes: [
      ...(same === "" ? [] : [`In every row: ${same}.`]),
      ...(left.length === 0 ? [] : [`${counted(left.length, "more column")} with --all-columns: ${titles}.`]),
      ...notes,
    ],
  };
}

/** Whether a row of a table of the paper has a value of ours. */
export function hasOwnValue({ rows }: TextTable): boolean {
  return rows.some(({ cells }) => (cells["ours"]?.text ?? ABSENT) !== ABSENT);
}
