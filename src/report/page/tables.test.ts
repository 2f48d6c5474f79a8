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
