// The decomposition of the speed-up as a table: a row a point.

import { FACTORS, type Decomposition } from "#evidence/decomposition";
import type { Suite } from "#case/suite";
import { estimateCell, numberCell } from "../print.ts";
import type { Column, TextTable } from "./text-table.ts";

const PLACE = ["level", "pass", "dims", "N", "engine", "scale"] as const;

/** Undefined where a suite has no point with all four contenders. */
export function decompositionTable(suite: Suite, all: readonly Decomposition[]): TextTable | undefined {
  const decompositions = all.filter(({ at }) => at.axes["suite"] === suite.id);
  if (decompositions.length === 0) return undefined;
  return {
    id: `decomposition-${suite.id}`,
    title: `${suite.title}: number of scans, freedom of order, additivity`,
    columns: [
      ...PLACE.map((id): Column => ({ id, title: id, align: id === "N" || id === "dims" ? "right" : "left" })),
      ...FACTORS.map(({ id, title }): Column => ({ id, title: `${title} [95 %]`, align: "right", csv: `ratio_${id}` })),
      { id: "n", title: "n processes", align: "right", csv: "n" },
    ],
    rows: decompositions.map(({ at: { axes }, ratios, caseIds }) => ({
      id: PLACE.map((axis) => axes[axis]).join(" "),
      cells: {
        ...Object.fromEntries(PLACE.map((axis) => [axis, { text: String(axes[axis]) }])),
        ...Object.fromEntries(FACTORS.map(({ id }) => [id, estimateCell(ratios[id], "plain", caseIds)])),
        n: numberCell(ratios.whole.n, String),
      },
    })),
    notes: [
      "2 scans / additive = number of scans (vector decay, 2 scans over 1) × freedom of order (vector decay in 1 scan over plain linear attention without order) × additivity (plain linear attention over additive), up to how medians of ratios multiply. Each ratio is from rounds in which both ran side by side.",
    ],
  };
}
