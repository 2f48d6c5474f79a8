// CSV that holds no number that is none, and nothing that a spreadsheet would execute.

import { stringify } from "csv-stringify/sync";
import { visible } from "./visible.ts";

/**
 * CSV text of rows. Numbers that are not finite, and absent values, become empty cells. Text that begins like a formula
 * (=, +, -, @) gets an apostrophe; numbers stay numbers.
 */
export function csvText(rows: Iterable<readonly unknown[]>): string {
  return [...csvParts(rows)].join("");
}

/** Rows in one part of a text. */
const ROWS_OF_PART = 2000;

/** The same in parts, for a file that need not be held as a whole. */
export function* csvParts(rows: Iterable<readonly unknown[]>): Generator<string> {
  const known = new Map<unknown, string>(); // texts of a column repeat: each is looked at once
  let [part, count] = ["", 0];
  for (const row of rows) {
    part += `${row.map((value) => cellOf(value, known)).join(",")}\n`;
    if (++count % ROWS_OF_PART > 0) continue;
    yield part;
    part = "";
  }
  if (part !== "") yield part;
}

function cellOf(value: unknown, known: Map<unknown, string>): string {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  if (value === undefined || value === null) return "";
  const cell = known.get(value);
  if (cell !== undefined) return cell;
  const text = stringify([[value]], {
    escape_formulas: true,
    record_delimiter: "",
    cast: { boolean: (truth) => (truth ? "true" : "false"), string: visible },
  });
  known.set(value, text);
  return text;
}
