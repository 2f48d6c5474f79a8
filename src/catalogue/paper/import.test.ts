import { expect, test } from "vitest";
import { UnknownNameError, UsageError } from "#base/errors";
import { IMPORT_COLUMNS, parsePaperValues, paperValuesCsv, withUserValues } from "./import.ts";
import { PUBLISHED_VALUES } from "./values.ts";

const HEADER = IMPORT_COLUMNS.join(",");
const csv = (...lines: string[]): string => [HEADER, ...lines].join("\n");
// A number that is nobody's, used only to see it travel.
const FILLED = "image-classification,LightNet-T,top-1,12.30,%,,1.5,ImageNet-1k 224px,,arXiv 2405.21022v1 Table 1";

test("a filled gap becomes a user-supplied value and keeps its printed digits", () => {
  const { values, ignoredLines } = parsePaperValues(csv(FILLED), "mine.csv");
  expect(ignoredLines).toBe(0);
  expect(values).toEqual([
    {
      table: "image-classification",
      model: "LightNet-T",
      metric: "top-1",
      value: "12.30",
      unit: "%",
      parametersMillions: "1.5",
      setting: "ImageNet-1k 224px",
      kind: "user-supplied",
      source: "arXiv 2405.21022v1 Table 1",
    },
  ]);
  const merged = withUserValues(PUBLISHED_VALUES, values);
  expect(merged).toHaveLength(PUBLISHED_VALUES.length);
  expect(merged.find(({ model }) => model === "LightNet-T")).toEqual(values[0]);
});

test("the exported table imports to nothing new: gaps stay gaps", () => {
  const { values, ignoredLines } = parsePaperValues(paperValuesCsv(PUBLISHED_VALUES), "export.csv");
  expect(values).toEqual([]);
  expect(ignoredLines).toBe(PUBLISHED_VALUES.length);
});

test("a source that a spreadsheet would execute is written as text, once", () => {
  const formula = FILLED.replace("arXiv 2405.21022v1 Table 1", "=HYPERLINK(A1)");
  const [value] = parsePaperValues(csv(formula), "mine.csv").values;
  const written = paperValuesCsv([value!]);
  expect(written).toContain(",'=HYPERLINK(A1)");
  expect(paperValuesCsv(parsePaperValues(written, "again.csv").values)).toBe(written);
});

test("a value of another setting is added at the end", () => {
  const { values } = parsePaperValues(csv(FILLED.replace("224px", "384px")), "mine.csv");
  expect(withUserValues(PUBLISHED_VALUES, values).at(-1)).toMatchObject({ model: "LightNet-T", value: "12.30" });
});

test("a model that the table does not have is refused with the nearest", () => {
  expect(() => parsePaperValues(csv(FILLED.replace("LightNet-T", "LightNet-TT")), "mine.csv")).toThrow(
    /No model of image-classification is called "LightNet-TT"\. Did you mean LightNet-T\?/,
  );
});

test.each([
  ["no number", csv(FILLED.replace("12.30", "about 12")), /mine\.csv, line 2: value: /],
  ["a number below zero", csv(FILLED.replace("12.30", "-12.30")), /mine\.csv, line 2: value: /],
  ["a share above all", csv(FILLED.replace("12.30", "744")), /top-1 is a share of 0 to 100 %, not 744 %/],
  ["a kind that does not exist", csv(FILLED.replace(",,arXiv", ",mine,arXiv")), /kind: one of primary, secondary/],
  ["no source", csv(FILLED.replace("arXiv 2405.21022v1 Table 1", "")), /needs a source/],
  ["wrong unit", csv(FILLED.replace(",%,", ",points,")), /has the unit "%"/],
  ["missing column", "table,model\nimage-classification,X", /Columns: table, model/],
  ["ragged line", csv("a,b"), /not a CSV file/],
  ["empty file", HEADER, /no line below its header/],
  ["two values for a cell", csv(FILLED, FILLED.replace("12.30", "12.31")), /line 3: a second value/],
  [
    "another value for a published cell",
    csv("image-classification,DeiT-T,top-1,99.9,%,,5,ImageNet-1k 224px,,me"),
    /is 72\.2 by facebookresearch/,
  ],
])("refuses %s and says where", (_, text, message) => {
  expect(() => parsePaperValues(text, "mine.csv")).toThrow(UsageError);
  expect(() => parsePaperValues(text, "mine.csv")).toThrow(message);
});

test("unknown tables and metrics answer with the nearest", () => {
  expect(() => parsePaperValues(csv(FILLED.replace("image-classification", "image-clasification")), "m")).toThrow(
    UnknownNameError,
  );
  expect(() => parsePaperValues(csv(FILLED.replace("top-1", "top-2")), "m")).toThrow(/Did you mean top-1/);
});
