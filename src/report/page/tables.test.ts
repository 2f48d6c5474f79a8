import { expect, test } from "vitest";
import { tableHtml } from "./tables.ts";

test("what all rows repeat is said once, in the caption", () => {
  const row = (id: string, place: string) => ({ id, cells: { name: { text: id }, place: { text: place } } });
  const html = String(
    tableHtml({
      id: "t",
      title: "Times",
      columns: [
        { id: "name", title: "contender", align: "left" },
        { id: "place", title: "place", align: "left" },
      ],
      rows: [row("one", "layer, 1-D grid, scale small"), row("two", "layer, 2-D grid, scale small")],
      notes: [],
    }),
  );
  expect(html).toContain("place: layer, scale small");
  expect(html.match(/scale small/g)).toHaveLength(1);
  expect(html).toContain(">2-D grid<");
});

test("a very long table shows its first rows, and says how many are left out and where they are", () => {
  const rows = Array.from({ length: 1000 }, (_, index) => ({
    id: `r${index}`,
    cells: { name: { text: `r${index}` } },
  }));
  const columns = [{ id: "name", title: "contender", align: "left" as const }];
  const html = String(tableHtml({ id: "t", title: "Times", columns, rows, notes: [] }));
  expect(html).toContain("700 more rows, not shown here: the files beside this page have all.");
  expect(html).toContain(">r299<");
  expect(html).not.toContain(">r300<");
});
