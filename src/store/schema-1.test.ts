// A run of schema version 1 reads as it always did: its cases keep their names, absent fields their meaning.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { caseId, caseSchema, matchupId } from "#case/case";
import { loadRun } from "./load.ts";
import { SCHEMA_VERSION } from "./record.ts";

const folder = fileURLToPath(new URL("../testing/schema-1/", import.meta.url));
const written = readFileSync(`${folder}/records.jsonl`, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as { schema: number });

test("every line of a run of schema 1 is read whole, as today's version", () => {
  const { manifest, records, warnings } = loadRun(folder);
  expect(warnings).toEqual([]);
  expect(written.every(({ schema }) => schema === 1)).toBe(true);
  expect(records).toEqual(written.map((line) => ({ ...line, schema: SCHEMA_VERSION })));
  expect(manifest.schema).toBe(SCHEMA_VERSION);
  expect(new Set(records.map((record) => record.case.kind))).toEqual(new Set(["operator", "decode", "training"]));
});

test("its cases have the ids that they were recorded under, and no field that they had not", () => {
  for (const record of loadRun(folder).records) {
    expect(caseId(record.case)).toBe(record.caseId);
    if (record.case.kind !== "training") expect(matchupId(record.case)).toBe(record.matchup);
    expect(caseSchema.parse(record.case)).toEqual(record.case);
  }
});
