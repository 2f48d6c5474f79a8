// One step per schema version: a file of version n goes through step n, n + 1, … up to today's.

import { StoreError } from "#base/errors";
import { SCHEMA_VERSION } from "./record.ts";

type Step = (value: Record<string, unknown>) => Record<string, unknown>;

/**
 * `STEPS[n]` turns version n into n + 1. Version 1 is the first. Cases keep their ids for ever: a field that is absent has
 * its old meaning. A step that renames something in a case computes `caseId`, `key` and `matchup` anew.
 */
const STEPS: Readonly<Record<number, Step>> = {
  1: (value) => value, // version 2 only adds fields
};

/**
 * Brings parsed JSON of an older schema version up to the current one.
 *
 * @throws {StoreError} no version, a newer version, or one that has no step
 */
export function migrate(where: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("schema" in value) || typeof value.schema !== "number") {
    throw new StoreError(where, "has no schema version; is it a file of this harness?");
  }
  let current = value as Record<string, unknown> & { schema: number };
  while (current.schema !== SCHEMA_VERSION) {
    const step = STEPS[current.schema];
    if (step === undefined) {
      throw new StoreError(
        where,
        `has schema version ${current.schema}; this version of lightnet-bench reads 1 to ${SCHEMA_VERSION}. Use the version that wrote it.`,
      );
    }
    current = { ...step(current), schema: current.schema + 1 };
  }
  return current;
}
