import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "csv-parse/sync";
import { paperValuesCsv } from "./import.ts";
import { tableOf } from "./tables.ts";
import { PUBLISHED_VALUES } from "./values.ts";
import { publishedValueSchema } from "./value.ts";

const DESIGN_VALUES = new URL("../../../shared/design/paper-values.csv", import.meta.url);

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

test.skipIf(!existsSync(DESIGN_VALUES))(
  "the values are those of the design's table, digit for digit (skipped without ../shared)",
  () => {
    const design: unknown = parse(readFileSync(DESIGN_VALUES, "utf8"), { columns: true });
    expect(parse(paperValuesCsv(PUBLISHED_VALUES), { columns: true })).toEqual(design);
  },
);
