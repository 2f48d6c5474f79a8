// The same operator by other implementations: ours and programs from outside, side by side at each point.

import { groupBy } from "#base/group";
import { implementationOf, isOutside } from "#catalogue/implementation";
import type { Evidence } from "#evidence/evidence";
import { placeOf, varyingAxes, type AxisName } from "#evidence/point";
import type { Result } from "#evidence/result";
import type { Suite } from "#case/suite";
import { implementedLabelOf, programLabelOf } from "../palette.ts";
import { estimateCell, numberCell, statusText } from "../print.ts";
import type { Column, Row, TextTable } from "./text-table.ts";

/** undefined where the suite has no result of a program from outside. */
export function sameOperatorTable(
  suite: Suite,
  results: readonly Result[],
  { ratios }: Pick<Evidence, "ratios">,
): TextTable | undefined {
  if (!results.some(isOutside)) return undefined;
  const axes = varyingAxes(results).filter((axis) => axis !== "op" && axis !== "causal");
  const points = groupBy(results, ({ contender, point }) => `${implementationOf(contender).of} ${placeOf(point)}`);
  const rows = [...points.values()]
    .filter((members) => members.some(isOutside))
    .flatMap((members) =>
      [...members]
        .sort((a, b) => Number(isOutside(a)) - Number(isOutside(b)))
        .map((result) => rowOf(result, axes, ratios)),
    );
  const isStep = suite.kind === "train-step";
  const what = isStep ? "model" : "operator";
  const checked = isStep
    ? "Loss, gradients and updated weights of all rows agree with ours"
    : "All rows passed the same check against the float64 reference";
  return {
    id: `same-operator-${suite.id}`,
    title: `${suite.title}: same ${what}, other implementation`,
    columns: columnsOf(axes, results, what),
    rows,
    notes: [
      "Ratios are of times in the same processes and rounds, with 95 % intervals; above 1 the other implementation is slower than ours. " +
        `${checked}; a row that could not be measured says why.`,
    ],
  };
}

function columnsOf(axes: readonly AxisName[], results: readonly Result[], what: string): Column[] {
  return [
    { id: "operator", title: what, align: "left" },
    { id: "implementation", title: "implementation", align: "left" },
    { id: "class", title: "class", align: "left" },
    ...axes.map((id): Column => {
      const isNumber = typeof results[0]?.point[id] === "number";
      return { id, title: id, align: isNumber ? "right" : "left" };
    }),
    { id: "time", title: "median time [95 %]", align: "right", csv: "time_s", better: "lower" },
    { id: "ratio", title: "time / ours", align: "right", csv: "ratio_to_ours" },
    { id: "n", title: "n processes", align: "right", csv: "n" },
    { id: "note", title: "note", align: "left" },
  ];
}

function rowOf(result: Result, axes: readonly AxisName[], ratios: Evidence["ratios"]): Row {
  const { id, contender, point, status, time, n, failures, warnings, stale, program } = result;
  const { of } = implementationOf(contender);
  const ids = [id];
  const notes = [
    ...(stale ? ["stale: computed by older code, not compared"] : []),
    ...failures.slice(0, 1).map((failure) => failure.reason),
    ...warnings.map(({ text }) => text),
  ];
  return {
    id,
    cells: {
      operator: { text: implementedLabelOf(result) },
      implementation: { text: programLabelOf(result) ?? "ours" },
      class: { text: program?.class ?? "" },
      ...Object.fromEntries(axes.map((axis) => [axis, { text: String(point[axis] ?? "") }])),
      time: status === "ok" ? estimateCell(time, "seconds", ids) : { text: statusText(status), caseIds: ids },
      ratio: estimateCell(ratios(result, of), "plain", ids),
      n: numberCell(n === 0 ? undefined : n, String, ids),
      note: { text: notes.join("; ") },
    },
  };
}
