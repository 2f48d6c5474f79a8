import { expect, test } from "vitest";
import { escapeMarkdown, markdownTable } from "./markdown.ts";

test("a row keeps its cells, whatever they hold", () => {
  const [, , row] = markdownTable(["a", "b"], [["x | y", "line\nbreak"]], ["left", "right"]).split("\n");
  expect(row).toBe("| x \\| y | line break |");
});

test("nothing becomes HTML, a link, code or emphasis; intervals stay readable", () => {
  expect(escapeMarkdown("<b> [a](http://x) `c` *d* _e_")).toBe("\\<b\\> [a\\](http://x) \\`c\\` \\*d\\* \\_e\\_");
  expect(escapeMarkdown("1.0 [0.9, 1.1] s")).toBe("1.0 [0.9, 1.1] s");
});
