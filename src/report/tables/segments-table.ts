// What the time of a layer is made of, as a table: a row for each contender at a point.

import { SEGMENT_IDS } from "#catalogue/segments";
import type { Result } from "#evidence/result";
import type { Suite } from "#case/suite";
import { labelOf } from "../palette.ts";
import { estimateCell, numberCell } from "../print.ts";
import type { Column, TextTable } from "./text-table.ts";

const PLACE = ["pass", "dims", "N", "engine", "scale"] as const;

/** Undefined where no layer of the suite was timed in parts. */
export function segmentsTable(suite: Suite, results: readonly Result[]): TextTable | undefined {
  const timed = results.filter(({ segments, stale }) => segments !== undefined && !stale);
  if (timed.length === 0) return undefined;
  const named = SEGMENT_IDS.filter((id) => timed.some(({ segments }) => segments!.has(id)));
  const text = (id: string): Column => ({ id, title: id, align: id === "N" || id === "dims" ? "right" : "left" });
  return {
    id: `segments-${suite.id}`,
    title: `${suite.title}: what the time of a layer is made of`,
    columns: [
      text("contender"),
      ...PLACE.map(text),
      { id: "whole", title: "layer [95 %]", align: "right", csv: "seconds" },
      ...named.map((id): Column => ({ id, title: id, align: "right", csv: `seconds_${id.replaceAll(" ", "_")}` })),
      { id: "n", title: "n processes", align: "right", csv: "n" },
    ],
    rows: timed.map(({ contender, axes, time, segments, n, caseIds, id }) => ({
      id,
      cells: {
        contender: { text: labelOf(contender) },
        ...Object.fromEntries(PLACE.map((axis) => [axis, { text: String(axes[axis]) }])),
        whole: estimateCell(time, "seconds", caseIds),
        ...Object.fromEntries(
          named.map((segment) => [segment, estimateCell(segments!.get(segment), "seconds", caseIds)]),
        ),
        n: numberCell(n, String),
      },
    })),
    notes: [
      "Each part was timed by itself, in one call a round apart from those of the whole; the parts add up to the whole but for what lies between them. The normaliser of an additive layer without encoding, and of softmax attention, is inside the kernel of its operator.",
    ],
  };
}
