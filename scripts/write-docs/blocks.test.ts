import { expect, test } from "vitest";
import { beginOf, endOf, withBlock } from "./blocks.ts";

const BLOCK = { name: "table", command: "`npm run docs`" };
const [BEGIN, END] = [beginOf(BLOCK), endOf(BLOCK)];
const DOCUMENT = `before\n\n${BEGIN}\n${END}\n\nafter\n`;

test("the text of a block is replaced, however often, and nothing else", () => {
  const once = withBlock(DOCUMENT, BLOCK, "| a |\n|---|");
  expect(once).toBe(`before\n\n${BEGIN}\n\n| a |\n|---|\n\n${END}\n\nafter\n`);
  expect(withBlock(once, BLOCK, "| b |")).toBe(withBlock(DOCUMENT, BLOCK, "| b |"));
});

test.each([
  ["without markers", "text"],
  ["in the wrong order", `${END}\n${BEGIN}`],
  ["with a marker twice", `${BEGIN}${BEGIN}${END}`],
])("a document %s is refused", (_what, text) => {
  expect(() => withBlock(text, BLOCK, "| a |")).toThrow(/two lines once/);
});
