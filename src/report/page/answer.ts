// The first screen: what was run, what makes it less sure, what was found, and one picture of it.

import { counted } from "#base/counted";
import { hasRows, isWorthDrawing, pointsOf, type Picture } from "../charts/picture.ts";
import type { ReportData } from "../report-data.ts";
import { figureHtml, originOf } from "./figures.ts";
import { html, type Html } from "./template.ts";

export function summaryHtml(data: ReportData): Html {
  return html`<h1>${data.title}</h1>
    <p class="quiet">${factsOf(data).join(" · ")}</p>
    ${answerHtml(data)}`;
}

/** The sentences and their picture. */
export function answerHtml(data: ReportData): Html {
  const { answer, cautions } = data;
  const lead = leadPicture(data);
  const own = data.suites.find(({ id }) => id === lead?.suite);
  return html`${cautions.length > 0 && html`<div class="cautions" role="note">${cautions.join(" ")}</div>`}
  ${answer.map((sentence) => html`<p class="answer">${sentence}</p>`)}
  ${lead !== undefined && own !== undefined && figureHtml(lead, originOf(lead, own))}`;
}

/** Name and day, and how many cases have a result. */
function factsOf({ runs, counts, hasSynthetic }: ReportData): string[] {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const others = Object.entries(counts).filter(([status]) => status !== "ok");
  const ok = counts["ok"] ?? 0;
  const isFinished = runs.every(({ finishedAt }) => finishedAt !== undefined);
  return [
    `run ${runs.map(({ run }) => run).join(" + ")}`,
    [...new Set(runs.map(({ startedAt }) => startedAt.slice(0, 10)))].join(", "),
    [
      isFinished ? `${ok} of ${all} cases have a result` : `${counted(ok, "case has", "cases have")} a result so far`,
      ...others.map(([status, count]) => `${count} ${status}`),
    ].join(", "),
    ...(hasSynthetic ? ["some data are synthetic"] : []),
  ];
}

/** One picture for the whole run: ratios or differences in rows before curves, and the one that compares most. */
export function leadPicture({ suites }: ReportData): Picture | undefined {
  const pictures = suites.flatMap((suite) => suite.pictures).filter(isWorthDrawing);
  const rank = (picture: Picture): number =>
    (hasRows(picture) ? 1e3 : 0) + (picture.isLead === true ? 1e6 : 0) + pointsOf(picture);
  return pictures.toSorted((a, b) => rank(b) - rank(a))[0];
}
