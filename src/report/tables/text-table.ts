// A table ready to be printed: cells as text, with the number, its interval and the cases behind it.

import { stringify } from "csv-stringify/sync";

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

/** What stands in a cell that has no value. */
export const ABSENT = "—";

const EMPTY: Cell = { text: "" };

export function cellOf(row: Row, column: Column): Cell {
  return row.cells[column.id] ?? EMPTY;
}

/** GitHub-flavoured Markdown: heading, table, notes. */
export function markdownOf(table: TextTable, level = 2): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const lines = [
    line(table.columns.map(({ title }) => escapeMarkdown(title))),
    line(table.columns.map(({ align }) => (align === "right" ? "--:" : ":--"))),
    ...table.rows.map((row) => line(table.columns.map((column) => escapeMarkdown(cellOf(row, column).text)))),
  ];
  const notes = table.notes.map((note) => `\n${escapeMarkdown(note)}\n`);
  return `${"#".repeat(level)} ${escapeMarkdown(table.title)}\n\n${lines.join("\n")}\n${notes.join("")}`;
}

/** CSV: text columns as printed; columns with numbers as value, low and high in the unit of their name. */
export function csvOfTable(table: TextTable): string {
  const header = table.columns.flatMap(({ id, csv }) => (csv === undefined ? [id] : [csv, `${csv}_low`, `${csv}_high`]));
  const rows = table.rows.map((row) =>
    table.columns.flatMap((column): readonly (string | number | undefined)[] => {
      const { text, value, low, high } = cellOf(row, column);
      return column.csv === undefined ? [text] : [value, low, high];
    }),
  );
  return csvText([header, ...rows]);
}

/** CSV text of rows; numbers that are not finite, and absent values, become empty cells. */
export function csvText(rows: readonly (readonly unknown[])[]): string {
  return stringify(rows as unknown[][], {
    cast: {
      number: (value) => (Number.isFinite(value) ? String(value) : ""),
      boolean: (value) => (value ? "true" : "false"),
    },
  });
}

/** A LaTeX `table` with `booktabs` rules; needs the packages booktabs, graphicx and textcomp. */
export function latexOf(table: TextTable): string {
  const row = (cells: readonly string[]): string => `    ${cells.map(escapeLatex).join(" & ")} \\\\`;
  return [
    "\\begin{table}",
    `  \\caption{${escapeLatex(table.title)}}`,
    `  \\label{tab:${table.id}}`,
    "  \\centering",
    "  \\resizebox{\\linewidth}{!}{%",
    `  \\begin{tabular}{${table.columns.map(({ align }) => (align === "right" ? "r" : "l")).join("")}}`,
    "    \\toprule",
    row(table.columns.map(({ title }) => title)),
    "    \\midrule",
    ...table.rows.map((entry) => row(table.columns.map((column) => cellOf(entry, column).text))),
    "    \\bottomrule",
    "  \\end{tabular}}",
    ...table.notes.map((note) => `  \\par\\footnotesize ${escapeLatex(note)}`),
    "\\end{table}",
    "",
  ].join("\n");
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\|<>*_`[\]]/g, (letter) => `\\${letter}`).replace(/\s*\n\s*/g, " ");
}

const LATEX: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  "&": "\\&",
  "%": "\\%",
  $: "\\$",
  "#": "\\#",
  _: "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "—": "---",
  "–": "--",
  "−": "$-$",
  "±": "$\\pm$",
  "×": "$\\times$",
  "·": "$\\cdot$",
  "≥": "$\\geq$",
  "≤": "$\\leq$",
  "<": "$<$",
  ">": "$>$",
  "†": "$^\\dagger$",
  "‡": "$^\\ddagger$",
  "µ": "\\textmu{}",
  "λ": "$\\lambda$",
  φ: "$\\varphi$",
  "²": "$^2$",
  "→": "$\\to$",
  "…": "\\ldots{}",
};

function escapeLatex(text: string): string {
  return [...text.replace(/\s*\n\s*/g, " ")].map((letter) => LATEX[letter] ?? letter).join("");
}
