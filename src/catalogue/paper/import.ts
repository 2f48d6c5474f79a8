// Numbers that a user who has the paper adds: a CSV of the columns of the published values, validated
// line by line, marked user-supplied and kept apart from the published data.

import { parse } from "csv-parse/sync";
import { z } from "zod";
import { csvText } from "#base/csv";
import { describeError, UsageError } from "#base/errors";
import { unknownName } from "#base/registry";
import { isSameCell, printedNumber, TABLE_IDS, VALUE_KINDS, type KnownValue, type PublishedValue } from "./value.ts";
import { tableOf } from "./tables.ts";
import { PUBLISHED_VALUES } from "./values.ts";

export const IMPORT_COLUMNS = [
  "table",
  "model",
  "metric",
  "value",
  "unit",
  "spread",
  "params_millions",
  "setting",
  "kind",
  "source",
] as const;

const optionalNumber = z.union([z.literal(""), printedNumber]);
const rowSchema = z.strictObject({
  table: z.string().min(1),
  model: z.string().min(1),
  metric: z.string().min(1),
  value: optionalNumber,
  unit: z.string(),
  spread: optionalNumber,
  params_millions: optionalNumber,
  setting: z.string().min(1),
  kind: z.enum(["", ...VALUE_KINDS], `one of ${VALUE_KINDS.join(", ")}, or empty`),
  source: z.string(),
});
type Row = z.infer<typeof rowSchema>;

export interface ImportedValues {
  readonly values: readonly KnownValue[];
  /** lines without a value, and lines that repeat a published one */
  readonly ignoredLines: number;
}

/**
 * Reads user-supplied values from the text of a CSV file with the columns `IMPORT_COLUMNS`. Lines
 * without a value are left out, so a copy of the published table with its gaps filled can be imported.
 *
 * @param origin the file's name, for messages
 * @throws {UsageError} with the line: not CSV, wrong columns, a value that is no number, no source,
 *   or another value for a cell that has a published one
 * @throws {UnknownNameError} a table, model or metric nobody knows
 */
export function parsePaperValues(text: string, origin: string): ImportedValues {
  const values: KnownValue[] = [];
  const rows = readRows(text, origin);
  for (const { line, row } of rows) {
    const value = valueOf(row, `${origin}, line ${line}`);
    if (value === undefined) continue;
    if (values.some((other) => isSameCell(other, value))) {
      throw new UsageError(
        `${origin}, line ${line}: a second value for ${value.model}, ${value.metric}, ${value.setting}. Keep one of them.`,
      );
    }
    values.push(value);
  }
  return { values, ignoredLines: rows.length - values.length };
}

function readRows(text: string, origin: string): { line: number; row: Row }[] {
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parse(text, { bom: true, columns: true, info: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    throw new UsageError(
      `${origin} is not a CSV file that can be read: ${describeError(error)}`,
      { origin },
      { cause: error },
    );
  }
  if (records.length === 0)
    throw new UsageError(`${origin} holds no line below its header. Columns: ${IMPORT_COLUMNS.join(", ")}.`, {
      origin,
    });
  return records.map(({ record, info }) => {
    const parsed = rowSchema.safeParse(record);
    if (parsed.success) return { line: info.lines, row: parsed.data };
    const issues = parsed.error.issues
      .map((issue) => `${issue.path.join(".") || "columns"}: ${issue.message}`)
      .join("; ");
    throw new UsageError(`${origin}, line ${info.lines}: ${issues}. Columns: ${IMPORT_COLUMNS.join(", ")}.`, {
      origin,
      line: info.lines,
    });
  });
}

function valueOf(row: Row, where: string): KnownValue | undefined {
  const table = TABLE_IDS.find((id) => id === row.table);
  if (table === undefined) throw unknownName("table", row.table, TABLE_IDS);
  const { metrics } = tableOf(table);
  const metric = metrics.find(({ id }) => id === row.metric);
  if (metric === undefined)
    throw unknownName(
      `metric of ${table}`,
      row.metric,
      metrics.map(({ id }) => id),
    );
  const { model, value, setting, source } = row;
  const models = [...new Set(PUBLISHED_VALUES.filter((known) => known.table === table).map((known) => known.model))];
  if (!models.includes(model)) throw unknownName(`model of ${table}`, model, models);
  if (value === "") return undefined;
  const published = PUBLISHED_VALUES.find((other) =>
    isSameCell(other, { table, model, metric: metric.id, unit: row.unit, setting, kind: "absent" }),
  );
  if (published !== undefined && published.kind !== "absent") {
    if (Number(published.value) === Number(value)) return undefined;
    throw new UsageError(
      `${where}: ${model}, ${row.metric}, ${setting} is ${published.value} by ${published.source}, not ${value}. Give the other value a setting of its own.`,
    );
  }
  if (row.unit !== metric.unit)
    throw new UsageError(`${where}: ${row.metric} has the unit "${metric.unit}", not "${row.unit}".`);
  if (row.unit === "%" && !(Number(value) >= 0 && Number(value) <= 100))
    throw new UsageError(`${where}: ${row.metric} is a share of 0 to 100 %, not ${value} %.`);
  if (source === "") throw new UsageError(`${where}: a value needs a source, such as "arXiv 2405.21022v1 Table 1".`);
  return {
    table,
    model,
    metric: metric.id,
    unit: row.unit,
    value,
    setting,
    kind: "user-supplied",
    source,
    ...(row.spread === "" ? {} : { spread: row.spread }),
    ...(row.params_millions === "" ? {} : { parametersMillions: row.params_millions }),
  };
}

/** Published and user-supplied values together: a user's value fills an absent cell in place; one of another setting stands at the end. */
export function withUserValues(
  published: readonly PublishedValue[],
  supplied: readonly KnownValue[],
): readonly PublishedValue[] {
  const filled = published.map((value) =>
    value.kind === "absent" ? (supplied.find((other) => isSameCell(other, value)) ?? value) : value,
  );
  return [...filled, ...supplied.filter((value) => !filled.includes(value))];
}

/** Values as CSV with the columns of the import; `parsePaperValues` reads it back. */
export function paperValuesCsv(values: readonly PublishedValue[]): string {
  const rows = values.map((value) => {
    const known = value.kind === "absent" ? undefined : value;
    const { table, model, metric, unit, parametersMillions, setting, kind } = value;
    return [table, model, metric, known?.value, unit, known?.spread, parametersMillions, setting, kind, known?.source];
  });
  return csvText([IMPORT_COLUMNS, ...rows]);
}
