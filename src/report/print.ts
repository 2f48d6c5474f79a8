// Estimates as cells of tables.

import type { Estimate } from "#stats/estimate";
import type { Quantity } from "./charts/axis.ts";
import { printEstimate } from "./charts/quantity.ts";
import { ABSENT, type Cell } from "./tables/text-table.ts";

export const ABSENT_CELL: Cell = { text: ABSENT };

/** A cell with an estimate and its interval; absent stays absent. */
export function estimateCell(estimate: Estimate | undefined, quantity: Quantity, caseIds: readonly string[]): Cell {
  if (estimate === undefined || !Number.isFinite(estimate.estimate)) return ABSENT_CELL;
  const { low, high } = estimate;
  const interval = low === undefined || high === undefined ? {} : { low, high };
  return { text: printEstimate(estimate, quantity), value: estimate.estimate, ...interval, caseIds };
}

/** A cell with a plain number, printed by `print`. */
export function numberCell(
  value: number | undefined,
  print: (value: number) => string,
  caseIds: readonly string[] = [],
): Cell {
  return value === undefined || !Number.isFinite(value) ? ABSENT_CELL : { text: print(value), value, caseIds };
}

const STATUS_WORDS = { failed: "FAIL", oom: "OOM", timeout: "TIMEOUT", skipped: "SKIP" } as const;

/** `OOM: needs 4.3 GB, limit 4 GB` in the place of a number. */
export function statusText(status: keyof typeof STATUS_WORDS, reason = ""): string {
  return reason === "" ? STATUS_WORDS[status] : `${STATUS_WORDS[status]}: ${reason}`;
}
