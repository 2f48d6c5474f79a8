// Cases without a result and why, and models that were trained in vain.

import type { CaseSummary, UnmeasuredSummary } from "#evidence/summary";
import { floorText } from "#store/floor";
import { labelOf } from "../palette.ts";
import { statusText } from "../print.ts";
import type { CaseView } from "../view.ts";
import type { Row, TextTable } from "./text-table.ts";

/** One row a failure; none where every case has its result. */
export function failuresTable(views: readonly CaseView[]): TextTable {
  const summaries = views.flatMap((view) => view.summaries);
  const failed = summaries.filter((summary) => summary.status !== "ok");
  return {
    id: "failures",
    title: "Cases without a result, and models that did not learn",
    columns: [
      { id: "status", title: "status", align: "left" },
      { id: "case", title: "case", align: "left" },
      { id: "contender", title: "contender", align: "left" },
      { id: "reason", title: "reason", align: "left" },
      { id: "log", title: "log", align: "left" },
    ],
    rows: [...failed.map(failureRow), ...summaries.flatMap(unlearnedRow)],
    notes: [],
  };
}

function failureRow({ caseId, status, label, case: item, reason, error, logFile }: UnmeasuredSummary): Row {
  return {
    id: caseId,
    cells: {
      status: { text: statusText(status) },
      case: { text: label, caseIds: [caseId] },
      contender: { text: labelOf(item.contender) },
      reason: { text: error === undefined || error === reason ? reason : `${reason} (${error})` },
      log: { text: logFile ?? "" },
    },
  };
}

/** Trained to the end of its recipe, but not above the trivial predictor by the margin of its task. */
function unlearnedRow(summary: CaseSummary): Row[] {
  if (summary.status !== "ok" || summary.case.kind !== "training" || summary.stale) return [];
  const { floor, curve } = summary.training ?? {};
  const { steps } = summary.case.recipe;
  if (floor === undefined || floor.beaten || curve?.some(({ step }) => step === steps) !== true) return [];
  const { caseId, label, case: item } = summary;
  return [
    {
      id: caseId,
      cells: {
        status: { text: "NOT LEARNED" },
        case: { text: label, caseIds: [caseId] },
        contender: { text: labelOf(item.contender) },
        reason: { text: `trained, but ${floorText(floor)}` },
        log: { text: "" },
      },
    },
  ];
}
