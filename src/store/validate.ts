// From the text of a file to a value that follows its schema, or one line that says what is wrong, where.

import type { z } from "zod";
import { StoreError } from "#base/errors";
import { FileError } from "#host/host";
import { brokenBound } from "./bounds.ts";
import { migrate } from "./migrate.ts";

/** @throws {StoreError} no JSON, out of bounds, another version, or against the schema */
export function parseStored<T>(where: string, schema: z.ZodType<T>, text: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch (error) {
    throw new StoreError(where, `is not valid JSON (${(error as Error).message}). ${REMEDY}`, {}, { cause: error });
  }
  const broken = brokenBound(value);
  if (broken !== undefined) throw new StoreError(where, `${broken}. ${REMEDY}`);
  return followSchema(where, schema, migrate(where, value));
}

function followSchema<T>(where: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [first, ...others] = result.error.issues;
  const place = first!.path.map(String).join(".");
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  throw new StoreError(
    where,
    `does not follow the schema: ${place === "" ? "" : `${place}: `}${first!.message}${more}. ${REMEDY}`,
    {},
    { cause: result.error },
  );
}

/**
 * Runs an operation on a file of a run.
 *
 * @throws {StoreError} what the file system says, under the name of the file
 */
export function inStore<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw error instanceof FileError ? new StoreError(path, error.message, {}, { cause: error }) : error;
  }
}

const REMEDY = "Restore it from a copy, or remove the line if it is of a run's records";
