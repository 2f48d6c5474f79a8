// A table of the page: what is the same in every row stands above it, eight columns are shown, the rest on request.

import { counted } from "#base/counted";
import { ABSENT, MOST_COLUMNS, cellOf, type Cell, type Column, type TextTable } from "../tables/text-table.ts";
import { anchorOf, html, raw, type Html } from "./template.ts";

/** Longer tables get a field that filters their rows. */
const LONG_TABLE = 12;
/** Longer ones make a page that opens slowly; the files beside it have all rows. */
const MOST_ROWS = 300;
/** Fewer rows are compared at a glance, without bars. */
const LEAST_BARS = 4;

/** A table in a box that scrolls sideways by itself, reachable by keyboard; the first column heads its row. */
export function tableHtml(table: TextTable, { isTitled = false }: { readonly isTitled?: boolean } = {}): Html {
  const id = anchorOf("table", table.id);
  const { shared, varying, common } = splitColumns(table);
  const columns = varying.map((column, index) => ({
    column,
    isExtra: index >= MOST_COLUMNS,
    bars: barsOf(table, column),
    width: widthOf(table.rows.map((row) => without(cellOf(row, column).text, common.get(column.id)))),
  }));
  const head = columns.map(
    ({ column: { title, align }, isExtra, width }) =>
      html`<th scope="col" class="${[align, width, isExtra ? "extra" : ""].join(" ").trim()}" aria-sort="none">
        <button type="button" data-sorts="${id}">${title}</button>
      </th>`,
  );
  const left = table.rows.length - MOST_ROWS;
  const body = table.rows.slice(0, MOST_ROWS).map(
    (row) =>
      html`<tr>
        ${columns.map(({ column, isExtra, bars }, index) => {
          const cell = cellOf(row, column);
          const text = without(cell.text, common.get(column.id));
          return cellHtml({ ...cell, text }, { column, isExtra, bars, isFirst: index === 0 });
        })}
      </tr> `,
  );
  const caption = [...(isTitled ? [] : [table.title]), ...shared].join(" · ");
  const extras = columns.filter(({ isExtra }) => isExtra).length;
  const isLong = table.rows.length > LONG_TABLE;
  return html`${
      (extras > 0 || isLong) &&
      html`<p class="filter">
        ${isLong && filterHtml(id, table.rows.length)}
        ${extras > 0 && html`<label><input type="checkbox" class="all-columns" data-widens="${id}" /> ${counted(extras, "more column")}</label>`}
      </p>`
    }
    <div class="scroll" tabindex="0" role="region" aria-label="${table.title}">
      <table id="${id}">
        ${
          caption !== "" &&
          html`<caption>
            <span>${caption}</span>
          </caption>`
        }
        <thead>
          <tr>
            ${head}
          </tr>
        </thead>
        <tbody>
          ${body}
        </tbody>
      </table>
    </div>
    ${left > 0 && html`<p class="notes">${counted(left, "more row")}, not shown here: the files beside this page have all.</p>`}
    ${table.notes.map((note) => html`<p class="notes">${note}</p>`)}`;
}

interface CellOptions {
  readonly column: Column;
  readonly isExtra: boolean;
  readonly isFirst: boolean;
  readonly bars: Bars | undefined;
}

function cellHtml(cell: Cell, { column, isExtra, isFirst, bars }: CellOptions): Html {
  const { text, value } = cell;
  const shown = text === ABSENT ? html`<span role="img" aria-label="absent">${ABSENT}</span>` : text;
  if (isFirst) return html`<th scope="row" class="${column.align}">${shown}</th>`;
  const isBest = bars !== undefined && value !== undefined && value === bars.best;
  const names = [column.align, ...(isExtra ? ["extra"] : []), ...(isBest ? ["best"] : [])].join(" ");
  const sort = value === undefined ? "" : raw(` data-value="${Number(value.toPrecision(9))}"`);
  const bar =
    bars === undefined || value === undefined ? "" : raw(` style="--bar:${Math.round((100 * value) / bars.largest)}%"`);
  return html`<td class="${names}" ${sort}${bar}>${shown}</td>`;
}

interface SplitColumns {
  readonly shared: readonly string[];
  readonly varying: readonly Column[];
  /** by column: parts of its texts that all rows repeat, said in the caption */
  readonly common: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What all rows repeat becomes part of the caption: whole columns, and parts of long texts. Columns without text are left out. */
function splitColumns({ columns, rows }: TextTable): SplitColumns {
  const shared: string[] = [];
  const common = new Map<string, ReadonlySet<string>>();
  const varying = columns.filter((column, index) => {
    if (index === 0 || rows.length < 2) return true;
    const texts = new Set(rows.map((row) => cellOf(row, column).text));
    const [text = ""] = texts;
    if (texts.size > 1) {
      const parts = repeatedParts([...texts], column);
      if (parts.size > 0) {
        common.set(column.id, parts);
        shared.push(`${column.title}: ${[...parts].join(PART)}`);
      }
      return ![...texts].every((one) => one === "" || one === ABSENT);
    }
    if (text !== "" && text !== ABSENT) shared.push(`${column.title}: ${text}`);
    return false;
  });
  return { shared, varying, common };
}

const PART = ", ";

/** Parts between commas that stand in every text of a column; numbers are left whole. */
function repeatedParts(texts: readonly string[], { align }: Column): ReadonlySet<string> {
  const [first, ...others] = texts.map((text) => text.split(PART));
  if (align === "right" || first === undefined) return new Set();
  const own = others.map((parts) => new Set(parts));
  const repeated = first.filter((part) => part !== ABSENT && own.every((parts) => parts.has(part)));
  return new Set(repeated);
}

function without(text: string, common: ReadonlySet<string> | undefined): string {
  if (common === undefined) return text;
  return text
    .split(PART)
    .filter((part) => !common.has(part))
    .join(PART);
}

interface Bars {
  readonly largest: number;
  /** where the column says which way is better */
  readonly best: number | undefined;
}

/** Bars behind the numbers of a column, from 0 to its largest. */
function barsOf({ rows }: TextTable, column: Column): Bars | undefined {
  if (column.csv === undefined || column.better === undefined) return undefined;
  const values = rows.flatMap((row) => cellOf(row, column).value ?? []);
  const largest = Math.max(...values);
  if (values.length < LEAST_BARS || Math.min(...values) < 0 || !(largest > 0)) return undefined;
  return { largest, best: column.better === "lower" ? Math.min(...values) : largest };
}

/** Columns of long text get room, so that rows stay low; the table scrolls sideways instead. */
function widthOf(cells: readonly string[]): "" | "wide" | "wider" {
  const longest = Math.max(0, ...cells.map(({ length }) => length));
  if (longest > 60) return "wider";
  return longest > 24 ? "wide" : "";
}

function filterHtml(id: string, rows: number): Html {
  return html`<label for="${id}-filter">Filter ${Math.min(rows, MOST_ROWS)} rows</label>
    <input id="${id}-filter" type="search" data-filters="${id}" autocomplete="off" />
    <span id="${id}-count" role="status" class="quiet"></span>`;
}
