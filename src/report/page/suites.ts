// A section per suite: question and finding, its pictures, its tables folded, its files, the command that repeats it.

import { formatBytes, type Bytes } from "#base/units";
import { isWorthDrawing, rankOf, type Picture } from "../charts/picture.ts";
import { chartPath } from "../file-paths.ts";
import type { ReportData, SampleSheet, SuiteSection } from "../report-data.ts";
import { figureHtml, inWords, originOf } from "./figures.ts";
import { tableHtml } from "./tables.ts";
import { anchorOf, html, type Html } from "./template.ts";

/** Pictures of a suite that stand open; a page of many suites shows one of each. */
const SHOWN = { few: 2, many: 1 };
const MANY_SUITES = 6;
/** Sentences in place of pictures of one or two points that stand open. */
const MOST_SENTENCES = 2;

export function suitesHtml({ suites }: ReportData, lead: Picture | undefined): Html {
  if (suites.length === 0) return html`<p>No records.</p>`;
  const shown = suites.length > MANY_SUITES ? SHOWN.many : SHOWN.few;
  const contents =
    suites.length > 1 &&
    html`<ul class="contents">
      ${suites.map(({ id }) => html`<li><a href="#${anchorOf("suite", id)}">${id}</a></li>`)}
    </ul>`;
  return html`${contents}${suites.map((suite) => suiteHtml(suite, { lead, shown }))}`;
}

interface SuiteOptions {
  /** shown at the top of the page already */
  readonly lead: Picture | undefined;
  readonly shown: number;
}

function suiteHtml(suite: SuiteSection, { lead, shown }: SuiteOptions): Html {
  const id = anchorOf("suite", suite.id);
  const own = suite.pictures.filter((picture) => picture !== lead);
  const drawn = own.filter(isWorthDrawing).toSorted((a, b) => orderOf(a, own) - orderOf(b, own));
  const inSentences = own.filter((picture) => !drawn.includes(picture));
  const sentences = inSentences.map((picture) => html`<p>${inWords(picture)}</p>`);
  const more = sentences.slice(MOST_SENTENCES);
  // How training went is looked at after what it came to.
  const results = suite.pictures.some(({ isCurve }) => isCurve !== true) ? drawn.filter(isResult) : drawn;
  const open = results.slice(0, shown);
  const folded = drawn.filter((picture) => !open.includes(picture));
  const samples = suite.samples.map((sheet) => samplesHtml(sheet, { hasFiles: suite.files.length > 0 }));
  const figure = (picture: Picture): Html => figureHtml(picture, originOf(picture, suite));
  return html`<section class="suite" id="${id}" aria-labelledby="${id}-title">
    <h3 id="${id}-title">${suite.title}</h3>
    <p><strong>${suite.question}</strong></p>
    ${suite.found.length > 0 && html`<p>Found: ${suite.found.join(" ")}</p>`}
    ${own.length < suite.pictures.length && lead !== undefined && html`<p><a href="#${anchorOf("figure", lead.id)}">${lead.title}</a>: at the top of this page.</p>`}
    ${sentences.slice(0, MOST_SENTENCES)} ${open.map(figure)} ${shown >= SHOWN.few && samples}
    <div class="folds">
      ${
        shown < SHOWN.few &&
        samples.length > 0 &&
        html`<details>
          <summary>Samples (${samples.length})</summary>
          ${samples}
        </details>`
      }
      ${
        folded.length + more.length > 0 &&
        html`<details class="more">
          <summary>${moreWords(folded.length, more.length)}</summary>
          ${more} ${folded.map(figure)}
        </details>`
      }
      ${suite.tables.map(
        (table) =>
          html`<details>
            <summary>Table: ${ownTitle(table.title)}</summary>
            ${tableHtml(table)}
          </details>`,
      )}
      ${suite.files.length > 0 && filesHtml(suite.files)}
      <p class="notes">Again: <code>${suite.command}</code></p>
    </div>
  </section>`;
}

function filesHtml(files: readonly string[]): Html {
  return html`<details>
    <summary>Files (${files.length})</summary>
    <p class="notes">${files.map((file, index) => html`${index > 0 && ", "}<a href="${file}">${file}</a>`)}</p>
  </details>`;
}

function moreWords(pictures: number, values: number): string {
  if (values === 0) return `More pictures (${pictures})`;
  return pictures === 0 ? `More values (${values})` : `More pictures (${pictures}) and values (${values})`;
}

/** By rank, and one picture of each figure before the second of any. */
function orderOf(picture: Picture, among: readonly Picture[]): number {
  return 100 * among.filter(({ figure }) => figure === picture.figure).indexOf(picture) + rankOf(picture);
}

function isResult({ isCurve }: Picture): boolean {
  return isCurve !== true;
}

/** The title of a table without its suite's, under which it stands. */
function ownTitle(title: string): string {
  return title.slice(title.lastIndexOf(": ") + 1).trim();
}

/** Samples of a sheet together: pictures count towards the page's size. */
const MOST_BYTES: Bytes = 3 * 2 ** 20;

/** What trained models make, side by side, as many as fit; the others are named. @param options whether files lie beside the page */
export function samplesHtml(
  { id, title, note, grids }: SampleSheet,
  { hasFiles }: { readonly hasFiles: boolean },
): Html {
  let room = MOST_BYTES;
  const shown = grids.map(({ caseId, label, png }) => {
    const fits = png.length <= room;
    if (fits) room -= png.length;
    return html`<div>
      <p>${label}</p>
      ${
        fits
          ? html`<img
              class="generated"
              alt="Samples of ${label}"
              src="data:image/png;base64,${png.toString("base64")}"
            />`
          : html`<p class="notes">Not shown here (${formatBytes(png.length)}): samples/${caseId}.png of the run.</p>`
      }
    </div>`;
  });
  return html`<figure id="${anchorOf("figure", id)}">
    <figcaption>
      <h4>${title}</h4>
      <p class="quiet">${note}.</p>
    </figcaption>
    <div class="side-by-side">${shown}</div>
    ${hasFiles && html`<p class="notes">All in one picture: <a href="${chartPath(id)}">png</a>, <a href="${chartPath(id, "svg")}">svg</a></p>`}
  </figure>`;
}
