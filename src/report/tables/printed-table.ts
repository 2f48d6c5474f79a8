// A table as `tables` prints it: the names by which --explain finds a row come first, and columns that hold nothing are left out.

import { ABSENT, cellOf, type Column, type TextTable } from "./text-table.ts";

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

/** Whether a row of a table of the paper has a value of ours. */
export function hasOwnValue({ rows }: TextTable): boolean {
  return rows.some(({ cells }) => (cells["ours"]?.text ?? ABSENT) !== ABSENT);
}
