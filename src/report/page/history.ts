// How the numbers of this run's cases moved over earlier runs of the same machine: one small chart per case.

import { groupBy } from "#base/group";
import type { HistorySeries } from "#evidence/history";
import { changeText, commitOf, methodText, quantityWords, valueOf } from "../history-text.ts";
import { labelOf } from "../palette.ts";
import { html, type Html } from "./template.ts";

const WIDTH = 320;
const HEIGHT = 70;
const MARGIN = 6;
/** Charts that stand open: those with a step first. */
const SHOWN = 6;

/** Fewer runs make no line. */
const LEAST_RUNS = 3;

export function worthDrawing(series: readonly HistorySeries[]): readonly HistorySeries[] {
  return series.filter(({ entries }) => entries.length >= LEAST_RUNS);
}

export function historyHtml(series: readonly HistorySeries[]): Html {
  const ordered = series.toSorted((a, b) => Number(b.steps.length > 0) - Number(a.steps.length > 0));
  const folded = ordered.slice(SHOWN);
  return html`<p>${methodText(series.length)} Dashed lines mark steps.</p>
    ${chartsHtml(ordered.slice(0, SHOWN))}
    ${
      folded.length > 0 &&
      html`<details>
        <summary>More cases (${folded.length})</summary>
        ${chartsHtml(folded)}
      </details>`
    }`;
}

/** Suite by suite, two or three beside each other. */
function chartsHtml(series: readonly HistorySeries[]): Html {
  return html`${[...groupBy(series, ({ suite }) => suite)].map(
    ([suite, members]) =>
      html`<h3>${suite}</h3>
        <div class="side-by-side">${members.map(chartHtml)}</div>`,
  )}`;
}

/** What a case is within its suite: contender and place in words. */
function caseWords({ label, suite, contender }: HistorySeries): string {
  const start = `${suite} · ${contender} · `;
  return label.startsWith(start) ? `${labelOf(contender)} · ${label.slice(start.length)}` : label;
}

/** Of the values and their intervals, but no further beyond the values than these are apart: a wide interval is cut. */
function rangeOf(entries: HistorySeries["entries"]): readonly [bottom: number, top: number] {
  const values = entries.map(({ value }) => value);
  const ends = entries.flatMap(({ value, low = value, high = value }) => [low, high]);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = most > least ? most - least : Infinity;
  return [Math.max(Math.min(...ends), least - room), Math.min(Math.max(...ends), most + room)];
}

function chartHtml(series: HistorySeries): Html {
  const { quantity, entries, steps } = series;
  const title = `${caseWords(series)}, ${quantityWords(quantity)}`;
  const [first, last] = [entries[0]!, entries.at(-1)!];
  const [bottom, top] = rangeOf(entries);
  const clipped = (value: number): number => Math.min(top, Math.max(bottom, value));
  const x = (index: number): number => MARGIN + ((WIDTH - 2 * MARGIN) * index) / Math.max(1, entries.length - 1);
  const y = (value: number): number =>
    top === bottom
      ? HEIGHT / 2
      : HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * (clipped(value) - bottom)) / (top - bottom);
  const changes = steps.map((step) => `${changeText(step, quantity)} since ${commitOf(entries[step.at]!)}`);
  const said = `${entries.length} runs, ${commitOf(first)} to ${commitOf(last)}: ${valueOf(first)} to ${valueOf(last)}${changes.map((change) => `; ${change}`).join("")}`;
  const whiskers = entries.map(
    ({ value, low = value, high = value }, index) =>
      html`<path d="M${x(index).toFixed(1)} ${y(low).toFixed(1)}V${y(high).toFixed(1)}" stroke-width="1" />
        <circle cx="${x(index).toFixed(1)}" cy="${y(value).toFixed(1)}" r="2.5" fill="currentColor" />`,
  );
  const marks = steps.map(
    ({ at }) => html`<path d="M${x(at - 0.5).toFixed(1)} 0V${HEIGHT}" stroke-width="1.5" stroke-dasharray="4 3" />`,
  );
  const line = entries.map(({ value }, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg
      class="history"
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      width="${WIDTH}"
      role="img"
      aria-label="Line chart: ${title}. ${said}"
      fill="none"
      stroke="currentColor"
      style="max-width:100%"
    >
      <polyline points="${line}" stroke-width="1.5" />
      ${whiskers}${marks}
    </svg>
    <p class="quiet">${said}</p>
  </figure>`;
}
