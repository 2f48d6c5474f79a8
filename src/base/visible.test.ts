import fc from "fast-check";
import { expect, test } from "vitest";
import { visible } from "./visible.ts";

test("what would steer a terminal is written out; letters, tabs and line ends stay", () => {
  expect(visible("a\u001B[2Jb\rc\u0007\u009B31m\u202Ed")).toBe("a\\u001b[2Jb\\u000dc\\u0007\\u009b31m\\u202ed");
  expect(visible("naïve 数字 ε\t1.0 [0.9, 1.1]\n")).toBe("naïve 数字 ε\t1.0 [0.9, 1.1]\n");
});

test("JSON stays the JSON of the same value", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const printed = visible(JSON.stringify({ text }));
      expect(printed).not.toMatch(/[^\P{Cc}\n\t]/u);
      expect(JSON.parse(printed)).toEqual({ text });
    }),
  );
});
