import { expect, test } from "vitest";
import { recordSchema, manifestSchema } from "#store/record";
import { fixtureRun } from "./fixture-records.ts";

test("fixture records are valid records of every status, the same for the same seed", () => {
  const { manifest, records } = fixtureRun();
  for (const record of records) expect(recordSchema.parse(record)).toEqual(record);
  expect(manifestSchema.parse(manifest)).toEqual(manifest);
  expect(new Set(records.map(({ status }) => status))).toEqual(new Set(["ok", "failed", "oom", "timeout", "skipped"]));
  expect(fixtureRun().records).toEqual(records);
  expect(fixtureRun({ seed: 2 }).records).not.toEqual(records);
});
