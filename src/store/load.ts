// Reading a run: every line is parsed, migrated and validated; damage names file and line.

import { existsSync, readFileSync } from "node:fs";
import { StoreError, describeError } from "#base/errors";
import { z } from "zod";
import { runPaths } from "./layout.ts";
import { migrate } from "./migrate.ts";
import { manifestSchema, recordSchema, type Manifest, type RunRecord } from "./record.ts";

export interface LoadedRun {
  readonly folder: string;
  readonly manifest: Manifest;
  /** all whole records, in file order */
  readonly records: readonly RunRecord[];
  /** things a person should know, such as a repaired last line */
  readonly warnings: readonly string[];
}

/** @throws {StoreError} no manifest, another schema version, or damage (file and line named) */
export function loadRun(folder: string): LoadedRun {
  const paths = runPaths(folder);
  const manifest = loadManifest(folder);
  if (!existsSync(paths.records)) return { folder: paths.folder, manifest, records: [], warnings: [] };
  const { records, warnings } = parseRecords(paths.records, readFileSync(paths.records, "utf8"));
  return { folder: paths.folder, manifest, records, warnings };
}

export function loadManifest(folder: string): Manifest {
  const { manifest: path } = runPaths(folder);
  if (!existsSync(path)) throw new StoreError(path, "does not exist: this is not a run folder");
  return validate(path, manifestSchema, parseJson(path, readFileSync(path, "utf8")));
}

/** Parses the lines of records.jsonl. A last line without its newline is what a kill leaves: it is left out, with a warning. */
export function parseRecords(path: string, text: string): { records: RunRecord[]; warnings: string[] } {
  const lines = text.split("\n");
  const rest = lines.pop();
  const warnings =
    rest === "" || rest === undefined
      ? []
      : [`${path}: the last line is incomplete (${rest.length} characters) and was left out`];
  const records = lines.map((line, index) => {
    const where = `${path}:${index + 1}`;
    return validate(where, recordSchema, parseJson(where, line));
  });
  return { records, warnings };
}

function parseJson(where: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new StoreError(where, `is not valid JSON (${describeError(error)})`, {}, { cause: error });
  }
}

function validate<T>(where: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(migrate(where, value));
  if (result.success) return result.data;
  throw new StoreError(
    where,
    `does not follow the schema:\n${z.prettifyError(result.error)}`,
    {},
    { cause: result.error },
  );
}
