// Where each file of a report lies, relative to its folder. Suites and cases are named by files of others: their names are
// made safe here and nowhere else.

import { safeFileName } from "#base/file-name";

/** What was found in a few words, for lists of runs. */
export const HEADLINE_FILE = "headline.txt";

export function csvPath(suite: string, part?: "samples" | "curves"): string {
  return `csv/${safeFileName(suite)}${part === undefined ? "" : `-${part}`}.csv`;
}

export function chartPath(picture: string, format: "png" | "svg" = "png"): string {
  return `charts/${safeFileName(picture)}.${format}`;
}

export function tablePath(table: string, format: "md" | "csv" | "tex" = "md"): string {
  return `tables/${safeFileName(table)}.${format}`;
}
