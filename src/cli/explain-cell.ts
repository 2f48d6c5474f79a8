// `tables --explain table/row/column`: where a number comes from: run, lines, cases, status and commands.

import { UsageError } from "#base/errors";
import { groupBy } from "#base/group";
import { unknownName } from "#base/registry";
import { effectiveRecords } from "#store/atoms";
import type { LoadedRun } from "#store/load";
import { axesOf } from "#catalogue/axes";
import { ABSENT, cellOf, type TextTable } from "#report/tables/text-table";

/** @throws {UsageError} not of the form table/row/column @throws {UnknownNameError} no such table, row or column */
export function explainCell(tables: readonly TextTable[], runs: readonly LoadedRun[], cell: string): string {
  const [tableId, rowId, columnId, ...rest] = splitCell(tables, cell);
  if (tableId === undefined || rowId === undefined || columnId === undefined || rest.length > 0) {
    throw new UsageError(
      `--explain takes table/row/column, such as image-classification/<row>/<column>, got "${cell}". Tables: ${tables.map(({ id }) => id).join(", ")}.`,
    );
  }
  const table = named("table", tables, tableId);
  const row = named("row", table.rows, rowId);
  const column = named("column", table.columns, columnId);
  const { text, caseIds = [] } = cellOf(row, column);
  const head = `${cell}: ${text === "" ? ABSENT : text}`;
  if (caseIds.length === 0) {
    const note = row.cells["note"]?.text ?? "";
    return `${head}\nno record of these runs stands behind this cell${note === "" ? "" : ` (${note})`}`;
  }
  return [head, ...runs.flatMap((run) => explainRun(run, new Set(caseIds)))].join("\n");
}

/** Rows may have a slash in their name (DiT-S/2), so the table is cut off at the first one and the column at the last. */
function splitCell(tables: readonly TextTable[], cell: string): string[] {
  const first = cell.indexOf("/");
  const last = cell.lastIndexOf("/");
  if (first <= 0 || last <= first) return [];
  const table = cell.slice(0, first);
  if (!tables.some(({ id }) => id === table))
    throw unknownName(
      "table",
      table,
      tables.map(({ id }) => id),
    );
  return [table, cell.slice(first + 1, last), cell.slice(last + 1)];
}

/** By its id, or by its title. */
export function named<T extends { readonly id: string; readonly title?: string }>(
  kind: string,
  items: readonly T[],
  id: string,
): T {
  const item = items.find((candidate) => candidate.id === id || candidate.title === id);
  if (item === undefined)
    throw unknownName(
      kind,
      id,
      items.map((candidate) => candidate.id),
    );
  return item;
}

function explainRun({ folder, manifest, records }: LoadedRun, caseIds: ReadonlySet<string>): string[] {
  const lines = effectiveRecords(records).filter(({ caseId }) => caseIds.has(caseId));
  if (lines.length === 0) return [];
  const byCase = groupBy(lines, ({ caseId }) => caseId);
  return [
    `run ${manifest.run}: ${lines.length} lines of ${folder}/records.jsonl, by \`${manifest.command}\``,
    ...[...byCase].map(([id, members]) => {
      const { case: item, status, codeHash } = members[0]!;
      const axes = Object.entries(axesOf(item)).map(([name, value]) => `${name}=${String(value)}`);
      return `  case ${id} (${members.length} lines, ${status}, code ${codeHash}): ${axes.join(" ")}`;
    }),
  ];
}
