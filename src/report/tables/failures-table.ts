// Cases without a result and why, and models that were trained in vain.

import type { Failure, Result } from "#evidence/result";
import { floorText, hasLearnedNothing } from "#store/floor";
import { labelOf } from "../palette.ts";
import { statusText } from "../print.ts";
import type { Row, TextTable } from "./text-table.ts";

/** One row a failure; none where every case has its result. */
export function failuresTable(results: readonly Result[]): TextTable {
  return {
    id: "failures",
    title: "Cases without a result, and models that did not learn",
    columns: ["status", "case", "contender", "reason", "log"].map((id) => ({ id, title: id, align: "left" })),
    rows: [
      ...results.flatMap(({ failures, contender }) => failures.map((failure) => failureRow(failure, contender))),
      ...results.flatMap(unlearnedRows),
    ],
    notes: [],
  };
}

function failureRow({ caseId, status, label, reason, error, logFile }: Failure, contender: string): Row {
  const text = error === undefined || error === reason ? reason : `${reason} (${error})`;
  return rowOf(caseId, label, contender, { status: statusText(status), reason: text, log: logFile ?? "" });
}

/** Trained to the end of its recipe, but not above the trivial predictor by the margin of its task. */
function unlearnedRows({ case: item, training, stale, label, contender, members }: Result): Row[] {
  if (item.kind !== "training" || training === undefined || stale) return [];
  return [...training.runs].flatMap(([seed, run]) => {
    if (!hasLearnedNothing(run, item)) return [];
    const { caseId } = members.find((member) => member.seed === seed)!;
    const reason = `trained, but ${floorText(run.floor)}`;
    return [rowOf(caseId, label, contender, { status: "NOT LEARNED", reason, log: "" })];
  });
}

function rowOf(
  caseId: string,
  label: string,
  contender: string,
  { status, reason, log }: Readonly<Record<"status" | "reason" | "log", string>>,
): Row {
  const cells = { status, contender: labelOf(contender), reason, log };
  const texts = Object.fromEntries(Object.entries(cells).map(([id, text]) => [id, { text }]));
  return { id: caseId, cells: { ...texts, case: { text: label, caseIds: [caseId] } } };
}
