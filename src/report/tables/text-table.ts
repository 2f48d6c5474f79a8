// A table ready to be printed: cells as text, with the number, its interval and the cases behind it.

import { csvText } from "#base/csv";
import { escapeMarkdown, markdownTable } from "#base/markdown";

export interface Cell {
  readonly text: string;
  readonly value?: number;
  readonly low?: number;
  readonly high?: number;
  /** cases whose records give this cell */
  readonly caseIds?: readonly string[];
}

export interface Column {
  readonly id: string;
  readonly title: string;
  readonly align: "left" | "right";
  /** name of the column in CSV when it holds a number, with its unit: `time_per_step_s` */
  readonly csv?: string;
  /** counted, not estimated: no columns for an interval in CSV */
  readonly isExact?: boolean;
  /** which end of a column of numbers is the better one; the page marks it */
  readonly better?: "lower" | "higher";
}

export interface Row {
  readonly id: string;
  /** one cell a column; a missing one is empty */
  readonly cells: Readonly<Record<string, Cell>>;
}

export interface TextTable {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

/** Columns of a table that are shown unless all are asked for. */
export const MOST_COLUMNS = 8;

/** What stands in a cell that has no value. */
export const ABSENT = "—";

const EMPTY: Cell = { text: "" };

export function cellOf(row: Row, column: Column): Cell {
  return row.cells[column.id] ?? EMPTY;
}

/** GitHub-flavoured Markdown: heading, table, notes. */
export function markdownOf({ title, columns, rows, notes }: TextTable, level = 2): string {
  const grid = markdownTable(
    columns.map((column) => column.title),
    rows.map((row) => columns.map((column) => cellOf(row, column).text)),
    columns.map(({ align }) => align),
  );
  const parts = [`${"#".repeat(level)} ${escapeMarkdown(title)}`, grid, ...notes.map(escapeMarkdown)];
  return `${parts.join("\n\n")}\n`;
}

type CsvCell = string | number | undefined;

/** CSV: text columns as printed; columns with numbers as value, low and high in the unit of their name. */
export function csvOfTable(table: TextTable): string {
  return csvText([headerOf(table), ...rowsOf(table)]);
}

/** Tables with the same columns as one CSV, whose first columns name table and row as `--explain` takes them. */
export function csvOfTables(tables: readonly TextTable[]): string {
  const rows = tables.flatMap((table) =>
    rowsOf(table).map((cells, index) => [table.id, table.rows[index]!.id, ...cells]),
  );
  return csvText([["table", "row", ...(tables[0] === undefined ? [] : headerOf(tables[0]))], ...rows]);
}

function headerOf({ columns }: TextTable): string[] {
  return columns.flatMap(({ id, csv, isExact }) =>
    csv === undefined ? [id] : isExact === true ? [csv] : [csv, `${csv}_low`, `${csv}_high`],
  );
}

function rowsOf({ columns, rows }: TextTable): CsvCell[][] {
  return rows.map((row) =>
    columns.flatMap((column): CsvCell[] => {
      const { text, value, low, high } = cellOf(row, column);
      return column.csv === undefined ? [text] : column.isExact === true ? [value] : [value, low, high];
    }),
  );
}
