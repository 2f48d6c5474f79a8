// CSV that holds no number that is none, and nothing that a spreadsheet would execute.

import { stringify } from "csv-stringify/sync";
import { visible } from "./visible.ts";

/**
 * CSV text of rows. Numbers that are not finite, and absent values, become empty cells. Text that begins like a formula
 * (=, +, -, @) gets an apostrophe; numbers stay numbers.
 */
export function csvText(rows: readonly (readonly unknown[])[]): string {
  return stringify(rows as unknown[][], {
    escape_formulas: true,
    cast: {
      number: (value) => (Number.isFinite(value) ? String(value) : ""),
      boolean: (value) => (value ? "true" : "false"),
      string: visible,
    },
  });
}
