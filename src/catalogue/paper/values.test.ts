import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "csv-parse/sync";
import { paperValuesCsv } from "./import.ts";
import { tableOf } from "./tables.ts";
import { PUBLISHED_VALUES } from "./values.ts";
import { publishedValueSchema } from "./value.ts";

/** The values once more, as their sources print them. */
const PRINTED = new URL("../../testing/paper-values.csv", import.meta.url);

test("every value has the form of its kind, and a metric of its table in that metric's unit", () => {
  for (const value of PUBLISHED_VALUES) {
    expect(publishedValueSchema.parse(value)).toEqual(value);
    const metric = tableOf(value.table).metrics.find(({ id }) => id === value.metric);
    expect(metric, `${value.table}: ${value.metric}`).toBeDefined();
    expect(metric?.unit).toBe(value.unit);
  }
});

test("no number of LightNet is given: all its cells are absent", () => {
  const lightNet = PUBLISHED_VALUES.filter(
    ({ model, table }) => model.startsWith("LightNet") || table === "scan-speed",
  );
  expect(lightNet.length).toBeGreaterThan(10);
  expect(lightNet.every(({ kind }) => kind === "absent")).toBe(true);
});

test("the values are those that their sources print, digit for digit", () => {
  const printed: unknown = parse(readFileSync(PRINTED, "utf8"), { columns: true });
  expect(parse(paperValuesCsv(PUBLISHED_VALUES), { columns: true })).toEqual(printed);
});
