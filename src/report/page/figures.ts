// A figure of the page: chart, choice of series, its numbers as a table, where they come from.

import { pictureSize } from "../charts/config.ts";
import { endLinesOf } from "../charts/datasets.ts";
import { hasRows, type Picture, type PlotSeries } from "../charts/picture.ts";
import { chartPath, csvPath } from "../file-paths.ts";
import type { SeriesStyle } from "../palette.ts";
import type { SuiteSection } from "../report-data.ts";
import { ABSENT, type TextTable } from "../tables/text-table.ts";
import { tableHtml } from "./tables.ts";
import { anchorOf, html, raw, type Html } from "./template.ts";

/** CSS pixels of a picture without rows, its title above it; of a line of the names at line ends; of the axis below. */
const PLANE_HEIGHT = 300;
const LINE_HEIGHT = 13.5;
const AXIS_HEIGHT = 70;

/** Higher where the names of many lines stand below each other. */
function planeHeight({ kind, series }: Picture): number {
  if (kind === "points") return PLANE_HEIGHT;
  const lines = series.reduce((sum, { label, detail }) => sum + endLinesOf(label, detail).length, 0);
  return Math.max(PLANE_HEIGHT, Math.ceil(LINE_HEIGHT * lines) + AXIS_HEIGHT);
}

interface Origin {
  readonly command: string;
  /** absent where no files lie beside the page */
  readonly csv?: string;
}

export function originOf({ suite, isCurve }: Picture, { command, files }: SuiteSection): Origin {
  return files.length === 0 ? { command } : { command, csv: csvPath(suite, isCurve === true ? "curves" : undefined) };
}

export function figureHtml(picture: Picture, { command, csv }: Origin): Html {
  const id = anchorOf("chart", picture.id);
  const isRows = hasRows(picture);
  const { height } = pictureSize(picture);
  const rows = picture.y.max - picture.y.min;
  return html`<figure
    data-chart="${id}"
    ${isRows && raw(` data-rows="${Math.ceil(rows)}"`)}
    id="${anchorOf("figure", picture.id)}"
  >
    <figcaption>
      <h4>${picture.title}</h4>
      <p class="quiet">${picture.subtitle}</p>
      ${picture.note !== undefined && html`<p class="quiet">${picture.note}.</p>`}
    </figcaption>
    <div class="chart" style="height:${isRows ? Math.max(150, height - 75) : planeHeight(picture)}px">
      <canvas id="${id}" role="img" aria-label="${describe(picture)}"></canvas>
    </div>
    ${!isRows && choicesHtml(picture)}
    ${picture.missing.length > 0 && html`<p class="notes">Not drawn: ${picture.missing.join("; ")}.</p>`}
    <div class="folds">
      ${picture.marks !== undefined && picture.marks.at.length > 0 && html`<p class="notes">Dashed: ${picture.marks.label}.</p>`}
      ${(picture.guides ?? []).map(({ label }) => html`<p class="notes">Grey line: ${label}.</p>`)}
      <details>
        <summary>Numbers of this figure</summary>
        ${tableHtml(numbersOf(picture))}
        <p class="notes">Again: <code>${command}</code></p>
      </details>
      ${
        csv !== undefined &&
        html`<p class="notes">
          Data <a href="${csv}">${csv}</a> · picture <a href="${chartPath(picture.id)}">png</a>,
          <a href="${chartPath(picture.id, "svg")}">svg</a>
        </p>`
      }
    </div>
  </figure>`;
}

function choicesHtml({ series }: Picture): Html {
  const boxes = series.map(
    ({ id, label, detail, style }) =>
      html`<label
        ><input
          type="checkbox"
          checked
          data-series="${id}"
        />${swatch(style)}${label}${detail !== undefined && html` <span class="detail">${detail}</span>`}</label
      >`,
  );
  return html`<fieldset>
    <legend>Series shown</legend>
    ${boxes}
  </fieldset>`;
}

const SHAPES: Readonly<Record<SeriesStyle["marker"], string>> = {
  circle: '<circle cx="15" cy="7" r="4.5"/>',
  rect: '<rect x="11" y="3" width="8" height="8"/>',
  rectRounded: '<rect x="11" y="3" width="8" height="8" rx="2.5"/>',
  rectRot: '<path d="M15 1.5l5.5 5.5-5.5 5.5-5.5-5.5z"/>',
  triangle: '<path d="M15 1.5l5.5 10h-11z"/>',
  star: '<path fill="none" d="M15 1v12M9 7h12M10.8 2.8l8.4 8.4M19.2 2.8l-8.4 8.4"/>',
  cross: '<path fill="none" d="M15 1v12M9 7h12"/>',
  crossRot: '<path fill="none" d="M10.5 2.5l9 9M19.5 2.5l-9 9"/>',
};

function swatch({ ink, marker, dash }: SeriesStyle): Html {
  return html`<svg
    class="swatch"
    viewBox="0 0 30 14"
    aria-hidden="true"
    style="--light:${ink.light};--dark:${ink.dark}"
  >
    <path d="M0 7h30" stroke="currentColor" stroke-width="2" stroke-dasharray="${dash.join(" ")}" />
    <g fill="currentColor" stroke="currentColor" stroke-width="1.6">${raw(SHAPES[marker])}</g>
  </svg>`;
}

/** One value or two, which are not drawn. */
export function inWords({ title, x: axis, series }: Picture): string {
  const values = series.flatMap(({ label, group, isRow, points }) =>
    points.map(({ x, text }) => {
      const place = isRow === true ? group : `${axis.title} ${x}`;
      return `${label}${place === undefined ? "" : `, ${place}`}: ${text}`;
    }),
  );
  return `${title}: ${values.join("; ")}.`;
}

/** The picture in words, for those who do not see it. */
function describe(picture: Picture): string {
  const { title, kind, x, y, series, guides = [] } = picture;
  if (kind === "points") {
    const points = series.map(({ label, points: own }) => `${label} ${own[0]?.text ?? "no value"}`);
    return `Scatter chart: ${title}. ${y.title} against ${x.title}. ${[...points, ...guides.map(({ label }) => label)].join("; ")}.`;
  }
  if (hasRows(picture)) {
    const values = series.map(({ label, points }) => `${label} ${points[0]?.text ?? "no value"}`);
    return `${title}. ${x.title}: ${values.join("; ")}.`;
  }
  const ends = series.map((one) => `${one.label} ${endsOf(one)}`);
  return `Line chart: ${title}. ${y.title} against ${x.title}. ${ends.join("; ")}.`;
}

function endsOf({ points }: PlotSeries): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return "no points";
  return first === last
    ? `${first.text} at ${first.x}`
    : `from ${first.text} at ${first.x} to ${last.text} at ${last.x}`;
}

/** The numbers of a picture as a table: a row a series, a column an x. */
export function numbersOf(picture: Picture): TextTable {
  const base = { id: `numbers-${picture.id}`, title: `${picture.title}: numbers`, notes: [] };
  if (picture.kind !== "line") {
    const axis = hasRows(picture) ? picture.x : picture.y;
    return {
      ...base,
      columns: [
        { id: "series", title: "contender", align: "left" },
        { id: "value", title: axis.title, align: "right" },
      ],
      rows: picture.series.map(({ id, label, group, points }) => ({
        id,
        cells: {
          series: { text: group === undefined ? label : `${label}, ${group}` },
          value: { text: points[0]?.text ?? ABSENT },
        },
      })),
    };
  }
  const places = [...new Set(picture.series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  return {
    ...base,
    columns: [
      { id: "x", title: picture.x.title, align: "right" },
      ...picture.series.map(({ id, label }) => ({ id, title: label, align: "right" as const })),
    ],
    rows: places.map((place) => {
      const cells = picture.series.map(
        ({ id, points }) => [id, { text: points.find(({ x }) => x === place)?.text ?? ABSENT }] as const,
      );
      return { id: String(place), cells: { x: { text: String(place) }, ...Object.fromEntries(cells) } };
    }),
  };
}
