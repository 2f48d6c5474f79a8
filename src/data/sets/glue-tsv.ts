// The tsv files of GLUE: UTF-8, tabs between columns, no quoting (a `"` is a character like any other), perhaps a byte
// order mark, a header in some files and none in others. Every line is checked; the first bad one names itself.

import { DataError } from "#base/errors";
import { checkSha256, readContent } from "./content.ts";
import type { LabelledSentences } from "./dataset.ts";

export interface TsvLayout {
  /** all columns of a line, in order; where `hasHeader`, the first line spells them */
  readonly columns: readonly string[];
  readonly hasHeader: boolean;
  readonly first: string;
  /** absent for tasks on single sentences */
  readonly second?: string;
  readonly label: string;
  /** how labels are spelt, in the order of their numbers; absent: a real value */
  readonly labels?: readonly string[];
  /** of a real value */
  readonly range?: readonly [low: number, high: number];
}

export interface TsvExpectation {
  /** rows of the official file; more are refused */
  readonly rows: number;
  readonly sha256?: string | undefined;
}

/** The longest line of any official file has less than 3000 bytes. */
const LONGEST_LINE = 4096;
/** Room for a row; the mean of every official file is below 400 bytes. */
const BYTES_PER_ROW = 1024;

/**
 * Reads one split, plain or gzipped.
 *
 * @throws {DataError} unreadable, truncated, too long, another content than the official one, a line with other columns,
 *   an empty sentence, or a label that the task does not have; with file, line and what was expected
 */
export function readTsv(path: string, layout: TsvLayout, { rows, sha256 }: TsvExpectation): LabelledSentences {
  const { bytes, truncated } = readContent(path, LONGEST_LINE + rows * BYTES_PER_ROW);
  if (truncated) throw new DataError(path, "truncated: its gzip stream ends early; fetch it again");
  checkLineLengths(path, bytes);
  checkSha256(path, bytes, sha256);
  const lines = decode(path, bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  const start = layout.hasHeader ? 1 : 0;
  if (layout.hasHeader) checkHeader(path, lines[0] ?? "", layout.columns);
  const count = lines.length - start;
  if (count < 1) throw new DataError(path, "holds no rows");
  if (count > rows)
    throw new DataError(path, `holds ${count} rows; the official file has ${rows}`, { expected: rows, found: count });
  return parseRows({ path, lines, start }, layout);
}

function checkLineLengths(path: string, bytes: Uint8Array): void {
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const length = (end < 0 ? bytes.length : end) - start;
    if (length > LONGEST_LINE)
      throw new DataError(path, `line ${line} has ${length} bytes, more than any line of an official file (3000)`, {
        line,
      });
    start += length + 1;
  }
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes); // drops a byte order mark
  } catch (error) {
    throw new DataError(path, "is not UTF-8 text", {}, { cause: error });
  }
}

function checkHeader(path: string, line: string, columns: readonly string[]): void {
  const found = cellsOf(line);
  if (found.length === columns.length && found.every((name, i) => name === columns[i])) return;
  throw new DataError(path, `line 1: the header must be ${listed(columns)}, found ${listed(found)}`, {
    line: 1,
    expected: columns,
    found,
  });
}

interface Lines {
  readonly path: string;
  readonly lines: readonly string[];
  /** number of header lines */
  readonly start: number;
}

function parseRows({ path, lines, start }: Lines, layout: TsvLayout): LabelledSentences {
  const { columns } = layout;
  const at = (name: string) => columns.indexOf(name);
  const labels = new Float32Array(lines.length - start);
  const first: string[] = [];
  const second: string[] = [];
  for (let i = start; i < lines.length; i++) {
    const line = i + 1;
    const cells = cellsOf(lines[i]!);
    if (cells.length !== columns.length) {
      const rule = `line ${line}: ${columns.length} columns expected (${columns.join(", ")}), found ${cells.length}`;
      throw new DataError(path, rule, { line, expected: columns.length, found: cells.length });
    }
    first.push(sentence({ path, line }, layout.first, cells[at(layout.first)]!));
    if (layout.second !== undefined) second.push(sentence({ path, line }, layout.second, cells[at(layout.second)]!));
    labels[i - start] = labelOf({ path, line }, layout, cells[at(layout.label)]!);
  }
  return { first, ...(layout.second === undefined ? {} : { second }), labels };
}

interface Place {
  readonly path: string;
  readonly line: number;
}

function sentence({ path, line }: Place, column: string, cell: string): string {
  const text = cell.trim();
  if (text === "") throw new DataError(path, `line ${line}: column ${column} is empty`, { line, column });
  return text;
}

function labelOf({ path, line }: Place, { labels, range = [-Infinity, Infinity] }: TsvLayout, cell: string): number {
  if (labels !== undefined) {
    const number = labels.indexOf(cell);
    if (number >= 0) return number;
    throw new DataError(path, `line ${line}: unknown label "${cell}"; known: ${labels.join(", ")}`, {
      line,
      expected: labels,
      found: cell,
    });
  }
  const value = /^\d+(\.\d+)?$/.test(cell) ? Number(cell) : Number.NaN;
  if (value >= range[0] && value <= range[1]) return value;
  throw new DataError(
    path,
    `line ${line}: the value must be a number from ${range[0]} to ${range[1]}, found "${cell}"`,
    { line, expected: range, found: cell },
  );
}

function cellsOf(line: string): string[] {
  return (line.endsWith("\r") ? line.slice(0, -1) : line).split("\t");
}

function listed(columns: readonly string[]): string {
  return columns.map((name) => `"${name}"`).join(", ");
}
