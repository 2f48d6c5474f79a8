import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "#host/package";
import { BEGIN, END, withTable } from "./document.ts";

const document = readFileSync(join(packageRoot(), "docs", "measurement.md"), "utf8");

test("the table of the document is replaced, however often, and nothing else", () => {
  const once = withTable(document, "| a |\n|---|");
  expect(once).toContain(`${BEGIN}\n\n| a |\n|---|\n\n${END}`);
  expect(withTable(once, "| b |")).toBe(withTable(document, "| b |"));
  expect(once.split(BEGIN)[0]).toBe(document.split(BEGIN)[0]);
  expect(once.split(END)[1]).toBe(document.split(END)[1]);
});

test.each([
  ["without markers", "text"],
  ["in the wrong order", `${END}\n${BEGIN}`],
  ["with a marker twice", `${BEGIN}${BEGIN}${END}`],
])("a document %s is refused", (_what, text) => {
  expect(() => withTable(text, "| a |")).toThrow(/two lines once/);
});
