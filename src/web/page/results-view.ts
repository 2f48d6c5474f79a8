// What the open run has found: processes that ended, the answer so far, and the report at the end.

/// <reference lib="dom" />

import { systemClock } from "#base/clock";
import type { Seconds } from "#base/units";
import { withoutSoftwareTimes } from "#evidence/software";
import { atomLine, reasonLines } from "#runner/atom-lines";
import type { Atom } from "#runner/plan";
import type { RunRecord } from "#store/record";
import { element } from "./elements.ts";
import { answerDataOf, hasAnswer, hideReport, reportDataOf, showAnswer, showReport } from "./report-view.ts";
import type { Session } from "./session.ts";

/** The answer is worked out between processes, and takes no more than this share of the time. */
const ANSWER_SHARE = 0.05;
let answerDue: Seconds = 0;

export function hideResults(): void {
  hideReport(element("app-answer"), element("app-report"));
  element("app-log").replaceChildren();
  answerDue = 0;
}

export function showAtom(
  session: Session,
  ended: { atom: Atom; records: readonly RunRecord[]; seconds: Seconds },
): void {
  const { atom, records, seconds } = ended;
  const item = document.createElement("li");
  const shown = withoutSoftwareTimes(records, new Map(Object.entries(session.manifest.environments)));
  item.textContent = [atomLine(atom, shown, seconds), ...reasonLines(records)].join("\n");
  element("app-log").prepend(item);
  const start = systemClock.now();
  if (start < answerDue) return;
  showFound(session);
  answerDue = systemClock.now() + (systemClock.now() - start) / ANSWER_SHARE;
}

/** The answer so far, where there is one. */
export function showFound(session: Session): void {
  if (session.records.length === 0) return;
  const data = answerDataOf(session);
  if (hasAnswer(data)) showAnswer(element("app-answer"), data);
}

export function showWhole(session: Session): void {
  if (session.records.length === 0) return;
  hideReport(element("app-answer"));
  showReport(element("app-report"), reportDataOf(session));
}
