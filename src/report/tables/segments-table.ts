// What the time of a layer is made of, as a table: a row for each contender at a point.

import { SEGMENT_IDS, type SegmentId } from "#catalogue/segments";
import type { Result } from "#evidence/result";
import type { Suite } from "#case/suite";
import type { Estimate } from "#stats/estimate";
import { labelOf } from "../palette.ts";
import { estimateCell, numberCell, unitOf } from "../print.ts";
import { bestFirst } from "./order.ts";
import type { Column, TextTable } from "./text-table.ts";

const PLACE = ["pass", "dims", "N", "engine", "scale"] as const;

/** A part that takes less of its layer is the clock's reading of nothing. */
const LEAST_SHARE = 0.001;

/** Undefined where no layer of the suite was timed in parts. */
export function segmentsTable(suite: Suite, results: readonly Result[]): TextTable | undefined {
  const timed = results.filter(({ segments, stale }) => segments !== undefined && !stale);
  if (timed.length === 0) return undefined;
  const partOf = ({ segments, time }: Result, id: SegmentId): Estimate | undefined => {
    const part = segments!.get(id);
    const isPart = part !== undefined && part.estimate >= LEAST_SHARE * (time?.estimate ?? 0);
    return isPart ? part : undefined;
  };
  const named = SEGMENT_IDS.filter((id) => timed.some((result) => partOf(result, id) !== undefined));
  const seconds = timed.flatMap((result) => [result.time, ...named.map((id) => partOf(result, id))]);
  const unit = unitOf(
    seconds.flatMap((estimate) => estimate?.estimate ?? []),
    "seconds",
  );
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
    rows: bestFirst(timed).map((result) => {
      const { contender, axes, time, n, caseIds, id } = result;
      return {
        id,
        cells: {
          contender: { text: labelOf(contender) },
          ...Object.fromEntries(PLACE.map((axis) => [axis, { text: String(axes[axis]) }])),
          whole: estimateCell(time, "seconds", caseIds, unit),
          ...Object.fromEntries(
            named.map((segment) => [segment, estimateCell(partOf(result, segment), "seconds", caseIds, unit)]),
          ),
          n: numberCell(n, String),
        },
      };
    }),
    notes: [
      "Each part was timed by itself, in one call per round apart from those of the whole; the parts add up to the whole but for what lies between them. Parts below a thousandth of their layer are left out. The normaliser of an additive layer without encoding, and of softmax attention, is inside the kernel of its operator.",
    ],
  };
}
