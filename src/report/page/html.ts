// The report as one HTML file that needs nothing else: style, chart library and data are inside, and
// its content security policy forbids every request. What answers comes first.

import type { ReportData, SuiteSection } from "../report-data.ts";
import { leadPicture, summaryHtml } from "./answer.ts";
import { claimsHtml } from "./claims.ts";
import { conditionsHtml, environmentHtml } from "./environment.ts";
import { glossaryHtml } from "./glossary.ts";
import { historyHtml, worthDrawing } from "./history.ts";
import { paperTablesHtml } from "./paper-tables.ts";
import { scriptsHtml } from "./scripts.ts";
import { PAGE_STYLE } from "./style.ts";
import { suitesHtml } from "./suites.ts";
import { tableHtml } from "./tables.ts";
import { html, raw, type Html } from "./template.ts";

type Section = readonly [id: string, title: string, body: Html];

/** The report page. */
export function reportHtml(data: ReportData): string {
  const { contents, sections } = reportParts(data);
  return documentHtml({
    title: [data.headline, data.title, "lightnet-bench"].filter((part) => part !== undefined).join(" – "),
    header: summaryHtml(data),
    body: html`${contents}
      <main id="main">${sections}</main>`,
    suites: data.suites,
  });
}

export interface PageParts {
  /** whose pictures are drawn */
  readonly suites: readonly Pick<SuiteSection, "pictures">[];
  readonly title: string;
  readonly header: Html;
  readonly body: Html;
}

/** A page that needs nothing else, with what draws the pictures of these suites. */
export function documentHtml({ title, header, body, suites }: PageParts): string {
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta
            http-equiv="Content-Security-Policy"
            content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
          />
          <link rel="icon" href="data:," />
          <title>${title}</title>
          <style>
            ${raw(PAGE_STYLE)}
          </style>
        </head>
        <body>
          <a class="skip" href="#main">Skip to the results</a>
          <header>${header}</header>
          ${body} ${scriptsHtml({ suites })}
        </body>
      </html> `,
  );
}

export interface ReportParts {
  readonly contents: Html;
  readonly sections: readonly Html[];
}

/** What comes after the summary; a page that shows a report within itself takes these. */
export function reportParts(data: ReportData): ReportParts {
  const sections = sectionsOf(data);
  return {
    contents: html`<nav aria-label="Contents">
      <ul>
        ${sections.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}
      </ul>
    </nav>`,
    sections: sections.map(
      ([id, title, content]) =>
        html`<section id="${id}" aria-labelledby="${id}-title">
          <h2 id="${id}-title">${title}</h2>
          ${content}
        </section>`,
    ),
  };
}

function sectionsOf(data: ReportData): readonly Section[] {
  const lead = leadPicture(data);
  const history = worthDrawing(data.history);
  return [
    ["claims", "Claims", claimsHtml(data)],
    ["conditions", "Conditions", conditionsHtml(data)],
    ["measurements", "Measurements", suitesHtml(data, lead)],
    ...(history.length > 0 ? [["history", "History", historyHtml(history)] as const] : []),
    ["tables", "The paper's tables", paperTablesHtml(data.paperTables)],
    [
      "limitations",
      "Limitations",
      html`<ul>
        ${data.limitations.map((limit) => html`<li>${limit}</li>`)}
      </ul>`,
    ],
    ["environment", "Environment", environmentHtml(data)],
    [
      "failures",
      "Failures and skipped cases",
      data.failures.rows.length > 0
        ? tableHtml(data.failures)
        : html`<p>
            ${data.runs.every(({ finishedAt }) => finishedAt !== undefined) ? "None: every planned case has a result." : "None so far; the run is not finished."}
          </p>`,
    ],
    ["glossary", "Words", glossaryHtml()],
    [
      "cite",
      "How to cite a result",
      html`<p>Name the run: its records hold every sample behind these numbers.</p>
        <pre tabindex="0"><code>${data.citation}</code></pre>`,
    ],
  ];
}
