// The paper's tables: those with a value of ours first and open, our rows before published ones; the others in a line.

import type { Row, TextTable } from "../tables/text-table.ts";
import { tableHtml } from "./tables.ts";
import { anchorOf, html, type Html } from "./template.ts";

export function paperTablesHtml(tables: readonly TextTable[]): Html {
  const own = tables.filter(({ rows }) => rows.some(isOwn));
  const others = tables.filter((table) => !own.includes(table));
  const [first, ...more] = own;
  return html`${first !== undefined && withHeading(first, ownTable(first))}
  ${more.map(
    (table) =>
      html`<details>
        <summary>${table.title}</summary>
        ${ownTable(table)}
      </details>`,
  )}
  ${
    others.length > 0 &&
    html`<details>
      <summary>
        No value of ours in this run for ${others.map(({ title }) => shortTitle(title)).join("; ")}: the published
        values
      </summary>
      ${others.map((table) => withHeading(table, tableHtml(table, { isTitled: true })))}
    </details>`
  }`;
}

function withHeading({ id, title }: TextTable, body: Html): Html {
  return html`<h3 id="${anchorOf(id)}">${title}</h3>
    ${body}`;
}

/** No published row is one of ours, so that what our rows share can stand above them; the published ones follow. */
function ownTable(table: TextTable): Html {
  const published = table.rows.filter((row) => !isOwn(row));
  const others = { ...table, id: `${table.id}-published`, title: `${table.title}: published values`, notes: [] };
  return html`${tableHtml({ ...table, rows: table.rows.filter(isOwn) }, { isTitled: true })}
  ${
    published.length > 0 &&
    html`<details>
      <summary>Published values (${published.length})</summary>
      ${tableHtml({ ...others, rows: published }, { isTitled: true })}
    </details>`
  }`;
}

function isOwn({ cells }: Row): boolean {
  return (cells["ours"]?.caseIds?.length ?? 0) > 0;
}

function shortTitle(title: string): string {
  return title.replace(/ \(in the paper: .*\)$/, "");
}
