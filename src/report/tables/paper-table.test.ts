import { expect, test } from "vitest";
import { parsePaperValues, paperValuesCsv } from "#catalogue/paper/import";
import { PUBLISHED_VALUES } from "#catalogue/paper/values";
import { fixtureRun } from "#testing/fixture-records";
import { buildTables } from "../build.ts";
import { ABSENT, type TextTable } from "./text-table.ts";

const { manifest, records, suites } = fixtureRun({ processes: 2 });
const input = { runs: [{ manifest, records }], suites };
const tables = new Map(buildTables(input).tables.map((table) => [table.id, table]));
const get = (id: string): TextTable => tables.get(id)!;
const rowOf = (table: TextTable, start: string) =>
  table.rows.find(({ cells }) => cells["model"]!.text.startsWith(start))!;

test("all six tables are there, also without any record", () => {
  const ids = [
    "image-classification",
    "image-generation",
    "bidirectional-lm",
    "autoregressive-lm",
    "scan-speed",
    "ablations",
  ];
  expect([...tables.keys()]).toEqual(ids);
  const empty = buildTables({ runs: [], suites: [] }).tables;
  expect(empty.map(({ id }) => id)).toEqual(ids);
  expect(empty[0]!.notes.join()).toContain("No record of suite image-classification");
});

test("published values keep their digits and marks; absent ones stay absent", () => {
  const table = get("image-classification");
  expect(rowOf(table, "DeiT-T").cells["published"]?.text).toBe("72.2 %");
  expect(rowOf(table, "TNN-S").cells["published"]?.text).toBe("79.20 % †");
  expect(rowOf(table, "LightNet-B").cells["published"]?.text).toBe(ABSENT);
  expect(rowOf(get("bidirectional-lm"), "Crammed").cells["published"]?.text).toBe("78.9 ± 0.7");
});

test("our rows carry the score with its interval, n, data, scale and times, and publish nothing", () => {
  const { cells } = rowOf(get("image-classification"), "additive");
  expect(cells["ours"]!.text).toMatch(/^\d+(\.\d+)? \[\d+(\.\d+)?, \d+(\.\d+)?\] %$/);
  expect(cells["n"]?.text).toBe("3");
  expect(cells["data"]?.text).toBe("synthetic shapes, 200 steps, scale smoke, engine wasm");
  expect(cells["step"]?.text).toMatch(/ms$/);
  expect(cells["published"]?.text).toBe(ABSENT);
  expect(cells["verdict"]?.text).toMatch(/^the subject; best rival: /);
  expect(rowOf(get("image-classification"), "vector").cells["verdict"]?.text).toBe("open (n = 3)");
});

test("the speed table holds ratios of mixer layers with a verdict each", () => {
  const rows = get("scan-speed").rows.filter(({ cells }) =>
    cells["model"]!.text.startsWith("vector decay (GLA-like), 4 scans"),
  );
  expect(rows).toHaveLength(3);
  expect(rows[0]!.cells["verdict"]?.text).toBe("one additive scan is faster");
  expect(rows[0]!.cells["ours"]!.low).toBeGreaterThan(1);
});

test("a user's value is marked and fills its gap", () => {
  // A number that is nobody's, used only to see it travel.
  const text = paperValuesCsv(PUBLISHED_VALUES).replace(
    "LightNet-B,top-1,,%,,,ImageNet-1k 224px,absent,",
    "LightNet-B,top-1,12.3,%,,,ImageNet-1k 224px,,a test",
  );
  const { values } = parsePaperValues(text, "mine.csv");
  const [table] = buildTables({ ...input, runs: [], userValues: values }).tables;
  expect(rowOf(table!, "LightNet-B").cells["published"]?.text).toBe("12.3 % ‡");
});

test("rows are named after what they hold, each name once", () => {
  expect(get("scan-speed").rows.map(({ id }) => id)).toContain("vector-2scan 1-D N4096 forward");
  expect(rowOf(get("image-classification"), "additive").id).toBe("additive-global synthetic-shapes micro");
  expect(get("image-generation").rows.map(({ id }) => id)).toContain("DiT-XL/2#2");
  for (const { rows } of tables.values()) expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
});

test("every number of ours names at least one case that has records", () => {
  const known = new Set(records.map(({ caseId }) => caseId));
  for (const { rows } of tables.values()) {
    const ours = rows.filter(({ cells }) => cells["published"]?.text === ABSENT);
    for (const cell of ours.flatMap(({ cells }) => Object.values(cells))) {
      if (cell.value === undefined) continue;
      expect(cell.caseIds?.length).toBeGreaterThan(0);
      expect(cell.caseIds!.every((id) => known.has(id))).toBe(true);
    }
  }
});

test("layers stand from fast to slow at each place", () => {
  const rows = get("scan-speed").rows.filter(({ id }) => id.endsWith(" 2-D N4096 forward"));
  const ratios = rows.flatMap(({ cells }) => cells["ours"]?.value ?? []);
  expect(ratios.length).toBeGreaterThan(3);
  expect(ratios).toEqual(ratios.toSorted((a, b) => a - b));
});
