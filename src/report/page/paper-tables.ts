// The paper's tables: those with a value of ours first and open, our rows before published ones; the others in a line.

import type { Row, TextTable } from "../tables/text-table.ts";
import { tableHtml } from "./tables.ts";
import { anchorOf, html, type Html } from "./template.ts";

export function paperTablesHtml(tables: readonly TextTable[]): Html {
  const own = tables.filter(({ rows }) => rows.some(isOwn));
  const others = tables.filter((table) => !own.includes(table));
  const withHeading = (table: TextTable): Html =>
    html`<h3 id="${anchorOf(table.id)}">${table.title}</h3>
      ${tableHtml(ownFirst(table), { isTitled: true })}`;
  const [first, ...more] = own;
  return html`${first !== undefined && withHeading(first)}
  ${more.map(
    (table) =>
      html`<details>
        <summary>${table.title}</summary>
        ${tableHtml(ownFirst(table), { isTitled: true })}
      </details>`,
  )}
  ${
    others.length > 0 &&
    html`<details>
      <summary>
        No value of ours in this run for ${others.map(({ title }) => shortTitle(title)).join("; ")}: the published
        values
      </summary>
      ${others.map(withHeading)}
    </details>`
  }`;
}

function isOwn({ cells }: Row): boolean {
  return (cells["ours"]?.caseIds?.length ?? 0) > 0;
}

function ownFirst(table: TextTable): TextTable {
  return { ...table, rows: table.rows.toSorted((a, b) => Number(isOwn(b)) - Number(isOwn(a))) };
}

function shortTitle(title: string): string {
  return title.replace(/ \(in the paper: .*\)$/, "");
}
