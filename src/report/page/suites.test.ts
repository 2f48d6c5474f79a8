import { expect, test } from "vitest";
import type { GeneratedPicture } from "../report-data.ts";
import { generatedHtml } from "./suites.ts";

const picture = (id: string, bytes: number): GeneratedPicture => ({
  id,
  title: `samples <${id}>`,
  method: "96 samples & features",
  png: Buffer.alloc(bytes, 1),
});

test("pictures stand in the page until they fill their room; the others are named", () => {
  const html = String(generatedHtml([picture("a1", 2 * 2 ** 20), picture("b2", 2 * 2 ** 20), picture("c3", 10)]));
  expect(html.match(/src="data:image\/png;base64,/g)).toHaveLength(2);
  expect(html).toContain("samples/b2.png");
  expect(html).toContain('alt="samples &lt;a1&gt;"');
  expect(html).toContain("96 samples &amp; features");
  expect(generatedHtml([])).toBe(false);
});
