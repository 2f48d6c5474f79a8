// Pieces of the page: tables, figures, facts.

import { ABSENT, cellOf, type TextTable } from "../tables/text-table.ts";
import { hasRows, type Picture, type PlotSeries } from "../charts/picture.ts";
import { pictureSize } from "../charts/config.ts";
import type { SeriesStyle } from "../palette.ts";
import { anchorOf, escapeHtml as text } from "./escape.ts";

/** A table in a box that scrolls sideways by itself, reachable by keyboard; the first column heads its row. */
export function tableHtml(table: TextTable): string {
  const id = anchorOf("table", table.id);
  const widths = table.columns.map((column) => widthOf(table.rows.map((row) => cellOf(row, column).text)));
  const head = table.columns
    .map(({ title, align }, index) => `<th scope="col" class="${align}${widths[index]}">${text(title)}</th>`)
    .join("");
  const body = table.rows.map((row) => {
    const cells = table.columns.map((column, index) => {
      const { text: content } = cellOf(row, column);
      const shown = content === ABSENT ? `<span aria-label="absent">${ABSENT}</span>` : text(content);
      return index === 0 ? `<th scope="row">${shown}</th>` : `<td class="${column.align}">${shown}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="region" aria-label="${text(table.title)}">
<table id="${id}"><caption>${text(table.title)}</caption><thead><tr>${head}</tr></thead><tbody>
${body.join("\n")}
</tbody></table></div>
${table.notes.map((note) => `<p class="notes">${text(note)}</p>`).join("\n")}`;
}

/** Columns of long text get room, so that rows stay low; the table scrolls sideways instead. */
function widthOf(cells: readonly string[]): "" | " wide" | " wider" {
  const longest = Math.max(0, ...cells.map(({ length }) => length));
  if (longest > 60) return " wider";
  return longest > 24 ? " wide" : "";
}

/** A field that hides the rows of a long table which lack the typed words. */
export function filterHtml(table: TextTable): string {
  const id = anchorOf("table", table.id);
  return `<p class="filter"><label for="${id}-filter">Filter rows</label> <input id="${id}-filter" type="search" data-filters="${id}" autocomplete="off"> <span id="${id}-count" role="status" class="quiet"></span></p>`;
}

/** A definition list of facts; absent values are left out. */
export function factsHtml(facts: readonly (readonly [string, string | undefined])[]): string {
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== "");
  return `<dl class="facts">${known.map(([name, value]) => `<dt>${text(name)}</dt><dd>${text(value)}</dd>`).join("")}</dl>`;
}

/** A figure: chart, choice of series, its numbers as a table, and where they come from. */
export function figureHtml(
  picture: Picture,
  origin: { readonly command: string; readonly csv: string; readonly png: string },
): string {
  const id = anchorOf("chart", picture.id);
  const { height } = pictureSize(picture);
  const isRows = hasRows(picture);
  const plotHeight = isRows ? Math.max(150, height - 75) : 440;
  return `<figure data-chart="${id}"${isRows ? ` data-rows="${picture.series.length}"` : ""} id="${anchorOf("figure", picture.id)}">
<figcaption><h4>${text(picture.title)}</h4><p class="quiet">${text(picture.subtitle)}</p></figcaption>
<div class="chart" style="height:${plotHeight}px"><canvas id="${id}" role="img" aria-label="${text(describe(picture))}"></canvas></div>
${isRows ? marksHtml(picture) : choicesHtml(picture)}
${picture.missing.length === 0 ? "" : `<p class="notes">Not drawn: ${text(picture.missing.join("; "))}.</p>`}
<details><summary>Numbers of this figure</summary>
${tableHtml(numbersOf(picture))}</details>
<p class="notes">Command <code>${text(origin.command)}</code> · data <a href="${text(origin.csv)}">${text(origin.csv)}</a> · picture <a href="${text(origin.png)}">${text(origin.png)}</a></p>
</figure>`;
}

function choicesHtml({ series, marks, guides = [] }: Picture): string {
  const boxes = series.map(
    ({ id, label, style }) =>
      `<label><input type="checkbox" checked data-series="${text(id)}">${swatch(style)}${text(label)}</label>`,
  );
  return `<fieldset><legend>Series shown</legend>${boxes.join("")}</fieldset>${marksHtml({ marks })}${guides.map(({ label }) => `<p class="notes">Grey line: ${text(label)}.</p>`).join("")}`;
}

function marksHtml({ marks }: { readonly marks?: Picture["marks"] | undefined }): string {
  return marks === undefined || marks.at.length === 0 ? "" : `<p class="notes">Dashed: ${text(marks.label)}.</p>`;
}

const SHAPES: Readonly<Record<SeriesStyle["marker"], string>> = {
  circle: '<circle cx="15" cy="7" r="4.5"/>',
  rect: '<rect x="11" y="3" width="8" height="8"/>',
  rectRot: '<path d="M15 1.5l5.5 5.5-5.5 5.5-5.5-5.5z"/>',
  triangle: '<path d="M15 1.5l5.5 10h-11z"/>',
  star: '<path fill="none" d="M15 1v12M9 7h12M10.8 2.8l8.4 8.4M19.2 2.8l-8.4 8.4"/>',
  cross: '<path fill="none" d="M15 1v12M9 7h12"/>',
  crossRot: '<path fill="none" d="M10.5 2.5l9 9M19.5 2.5l-9 9"/>',
};

function swatch({ ink, marker, dash, isHollow }: SeriesStyle): string {
  const fill = isHollow ? "var(--ground)" : "currentColor";
  return `<svg class="swatch" viewBox="0 0 30 14" aria-hidden="true" style="--light:${ink.light};--dark:${ink.dark}"><path d="M0 7h30" stroke="currentColor" stroke-width="2" stroke-dasharray="${dash.join(" ")}"/><g fill="${fill}" stroke="currentColor" stroke-width="1.6">${SHAPES[marker]}</g></svg>`;
}

/** The chart in words, for those who do not see it. */
function describe(picture: Picture): string {
  const { title, kind, x, y, series, guides = [] } = picture;
  if (kind === "points") {
    const points = series.map(({ label, points: own }) => `${label} ${own[0]?.text ?? "no value"}`);
    return `Scatter chart: ${title}. ${y.title} against ${x.title}. ${[...points, ...guides.map(({ label }) => label)].join("; ")}.`;
  }
  if (hasRows(picture)) {
    const values = series.map(({ label, points }) => `${label} ${points[0]?.text ?? "no value"}`);
    return `${kind === "bars" ? "Bar chart" : "Dot chart"}: ${title}. ${x.title}. ${values.join("; ")}.`;
  }
  const ends = series.map((one) => `${one.label} ${endsOf(one)}`);
  return `Line chart: ${title}. ${y.title} against ${x.title}. ${ends.join("; ")}. All numbers are in the table below the chart.`;
}

function endsOf({ points }: PlotSeries): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return "no points";
  return `from ${first.text} at ${first.x} to ${last.text} at ${last.x}`;
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
      rows: picture.series.map(({ id, label, points }) => ({
        id,
        cells: { series: { text: label }, value: { text: points[0]?.text ?? ABSENT } },
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
