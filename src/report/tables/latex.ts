// A table as LaTeX.

import { escapeLatex } from "./latex-text.ts";
import { wrap } from "#base/wrap";
import { cellOf, type Column, type TextTable } from "./text-table.ts";

/** What a document needs for `latexOf`. */
const PREAMBLE = String.raw`\documentclass{article}
\usepackage[landscape,margin=1.2cm]{geometry}
\usepackage{booktabs,longtable,array,textcomp}
\begin{document}
`;

/** A whole document: the tables one after the other, on wide pages. */
export function latexDocument(tables: readonly TextTable[]): string {
  return `${PREAMBLE}${tables.map(latexOf).join("\n")}\\end{document}\n`;
}

/** A table for a paper that has pages of its own: booktabs, floating, without the columns that hold nothing. */
export function latexFragment(table: TextTable): string {
  const { columns, rows, notes, id, title } = table;
  const row = (cells: readonly string[]): string => `  ${cells.join(" & ")} \\\\`;
  return [
    "% \\usepackage{booktabs,textcomp}",
    "\\begin{table}",
    "  \\centering",
    `  \\caption{${escapeLatex(title)}}\\label{tab:${labelOf(id)}}`,
    `  \\begin{tabular}{@{}${columns.map(({ align }) => (align === "right" ? "r" : "l")).join("")}@{}}`,
    "  \\toprule",
    row(columns.map((column) => escapeLatex(column.title))),
    "  \\midrule",
    ...rows.map((entry) => row(columns.map((column) => escapeLatex(cellOf(entry, column).text)))),
    "  \\bottomrule",
    "  \\end{tabular}",
    "\\end{table}",
    ...notes.map((note) => `% ${escapeLatex(note)}`),
    "",
  ].join("\n");
}

function labelOf(id: string): string {
  return id.replace(/[^A-Za-z0-9-]+/g, "-");
}

/**
 * A `longtable`, which may be longer than a page; needs the packages booktabs, longtable, array and textcomp. Numbers keep
 * their width, columns of words are broken into lines.
 */
export function latexOf(table: TextTable): string {
  const row = (cells: readonly string[]): string => `  ${cells.join(" & ")} \\\\`;
  const { columns, rows, notes, id, title } = table;
  return [
    "\\begingroup\\scriptsize\\setlength{\\tabcolsep}{2pt}",
    `\\begin{longtable}{@{}${columns.map((column) => columnOf(column, table)).join("")}@{}}`,
    `  \\caption{${escapeLatex(title)}}\\label{tab:${labelOf(id)}}\\\\`,
    "  \\toprule",
    row(columns.map(headOf)),
    "  \\midrule\\endhead",
    "  \\bottomrule\\endlastfoot",
    ...rows.map((entry) => row(columns.map((column) => escapeLatex(cellOf(entry, column).text)))),
    "\\end{longtable}",
    ...notes.map((note) => `\\par\\noindent ${escapeLatex(note)}`),
    "\\par\\endgroup",
    "",
  ].join("\n");
}

const HEAD_LETTERS = 11;

/** Heads of numbers are set in short lines, or they would be wider than what stands below them. */
function headOf({ title, align }: Column): string {
  if (align === "left" || title.length <= HEAD_LETTERS) return escapeLatex(title);
  return `\\shortstack[r]{${wrap(title, HEAD_LETTERS).map(escapeLatex).join("\\\\")}}`;
}

/** Text longer than this is broken into lines. */
const UNBROKEN_LETTERS = 14;
/** Share of the page for a column of words, by its longest cell. */
const WIDTHS: readonly (readonly [letters: number, share: number])[] = [
  [20, 0.05],
  [40, 0.08],
  [Infinity, 0.11],
];

function columnOf(column: Column, { rows }: TextTable): string {
  if (column.align === "right") return "r";
  const longest = Math.max(column.title.length, ...rows.map((row) => cellOf(row, column).text.length));
  if (longest <= UNBROKEN_LETTERS) return "l";
  const [, share] = WIDTHS.find(([letters]) => longest <= letters)!;
  return `>{\\raggedright\\arraybackslash}p{${share}\\linewidth}`;
}
