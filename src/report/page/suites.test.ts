import { expect, test } from "vitest";
import { sheetSvg } from "../sample-sheets.ts";
import { samplesHtml } from "./suites.ts";

const grid = (caseId: string, bytes: number) => ({ caseId, label: `model <${caseId}>`, png: Buffer.alloc(bytes, 1) });
const sheet = (...grids: ReturnType<typeof grid>[]) => ({
  id: "image-generation-samples-mnist",
  title: "Samples & real images",
  note: "96 samples & features",
  grids,
});

test("samples stand side by side until they fill their room; the others are named", () => {
  const page = String(
    samplesHtml(sheet(grid("a1", 2 * 2 ** 20), grid("b2", 2 * 2 ** 20), grid("c3", 10)), { hasFiles: true }),
  );
  expect(page.match(/src="data:image\/png;base64,/g)).toHaveLength(2);
  expect(page).toContain("samples/b2.png");
  expect(page).toContain('alt="Samples of model &lt;a1&gt;"');
  expect(page).toContain("96 samples &amp; features");
  for (const format of ["png", "svg"]) expect(page).toContain(`href="charts/image-generation-samples-mnist.${format}"`);
  expect(String(samplesHtml(sheet(grid("a1", 30)), { hasFiles: false }))).not.toContain("href=");
});

test("one SVG file holds all grids with their names", () => {
  const svg = sheetSvg(sheet(grid("a1", 30), grid("b2", 30), grid("c3", 30), grid("d4", 30)));
  expect(svg.match(/<image [^>]*href="data:image\/png;base64,/g)).toHaveLength(4);
  expect(svg).toContain("model &lt;d4&gt;");
  expect(svg).toContain("Samples &amp; real images");
});
