// The report's own code, within the page: the answer while a run goes on, the whole at its end.

/// <reference lib="dom" />

import { hydrate } from "#report/charts/hydrate";
import { isWorthDrawing } from "#report/charts/picture";
import { gatherReport, type ReportInput } from "#report/gather";
import { answerHtml, leadPicture, summaryHtml } from "#report/page/answer";
import { startPage } from "#report/page/client";
import { reportHtml, reportParts } from "#report/page/html";
import { pageDataOf } from "#report/page/scripts";
import type { ReportData } from "#report/report-data";
import type { Manifest, RunRecord } from "#store/record";
import { PAGE_SUITES } from "./choices.ts";

export interface ShownRun {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly records: readonly RunRecord[];
}

/** While a run goes on its intervals need not be drawn well. */
const QUICK = { resamples: 200 };

let letGo: (() => void) | undefined;

function inputOf(run: ShownRun): ReportInput {
  return { runs: [run], suites: PAGE_SUITES, isAlone: true };
}

export function answerDataOf(run: ShownRun): ReportData {
  return gatherReport(inputOf(run), QUICK).data;
}

export function reportDataOf(run: ShownRun): ReportData {
  return gatherReport(inputOf(run)).data;
}

/** The sentences found so far and their picture. */
export function showAnswer(place: HTMLElement, data: ReportData): void {
  const lead = leadPicture(data);
  const drawn = data.suites.map((suite) => ({ ...suite, pictures: suite.pictures.filter((one) => one === lead) }));
  show(place, String(answerHtml(data)), { ...data, suites: drawn });
}

export function showReport(place: HTMLElement, data: ReportData): void {
  const { contents, sections } = reportParts(data);
  show(place, [summaryHtml(data), contents, ...sections].map(String).join(""), data);
}

export function hideReport(...places: readonly HTMLElement[]): void {
  letGo?.();
  letGo = undefined;
  for (const place of places) place.replaceChildren();
}

/** The report as a file of its own. */
export { reportHtml };

function show(place: HTMLElement, text: string, data: ReportData): void {
  hideReport();
  place.innerHTML = text; // made by templates that escape whatever records say
  letGo = startPage(window as never, pageDataOf(data), hydrate as never);
}

/** Whether there is an answer, or something to draw. */
export function hasAnswer(data: ReportData): boolean {
  return data.answer.length > 0 || data.suites.some(({ pictures }) => pictures.some(isWorthDrawing));
}
