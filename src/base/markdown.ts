// GitHub-flavoured Markdown that shows foreign text as it is.

import { markdownTable as tableOf } from "markdown-table";
import { visible } from "./visible.ts";

/** A table of texts, with an alignment per column. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly ("left" | "right")[] = [],
): string {
  const cells = [head, ...rows].map((row) => row.map(escapeMarkdown));
  return tableOf(cells, { align: [...align], alignDelimiters: false });
}

/** Text in which Markdown sees no mark: no emphasis, code, link, HTML or cell's end. */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/[\\|<>*_`]|\](?=[([:])/g, (mark) => `\\${mark}`)
    .replace(/\s*\n\s*/g, " ");
}
