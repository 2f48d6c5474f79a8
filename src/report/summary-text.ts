// What the terminal prints at the end: headline ratios and the claims.

import { printEstimate } from "./charts/quantity.ts";
import { labelOf } from "./palette.ts";
import type { ReportData } from "./report-data.ts";
import type { CaseView, RatioLookup } from "./view.ts";

const SUBJECT = "additive-global";

/** Plain text of at most a screen: no colour, no control characters. */
export function summaryText(
  data: ReportData,
  { views, ratios }: { readonly views: readonly CaseView[]; readonly ratios: RatioLookup },
): string {
  const parts = [headline(views, ratios), claimLines(data), countLine(data)].filter((part) => part !== "");
  return `${parts.join("\n\n")}\n`;
}

/** Ratios to one additive scan at the longest length of scan-count, mixer layer before operator, two dimensions before others. */
function headline(views: readonly CaseView[], ratios: RatioLookup): string {
  const timed = views.filter(
    (view) =>
      view.item.kind === "operator" && !view.stale && view.contender !== SUBJECT && ratios(view, SUBJECT) !== undefined,
  );
  const ranked = timed.toSorted((a, b) => rankOf(b) - rankOf(a));
  const [first] = ranked;
  if (first === undefined) return "";
  const point = pointOf(first);
  const rows = ranked
    .filter((view) => pointOf(view) === point)
    .map((view) => [
      labelOf(view.contender),
      printEstimate(ratios(view, SUBJECT)!, "plain"),
      `n = ${ratios(view, SUBJECT)!.n}`,
    ]);
  return `Time relative to one additive scan (above 1 is slower), ${point}\n${aligned(rows)}`;
}

function rankOf({ item, axes }: CaseView): number {
  return (
    (item.suite === "scan-count" ? 1e9 : 0) +
    (axes["level"] === "mixer" ? 5e8 : 0) +
    (axes["dims"] === 2 ? 2e8 : 0) +
    (axes["pass"] === "forward" ? 1e8 : 0) +
    Number(axes["N"])
  );
}

function pointOf({ item, axes }: CaseView): string {
  return `${item.suite}, ${axes["level"]}, ${axes["pass"]}, ${axes["dims"]}-D grid, N ${axes["N"]}, engine ${axes["engine"]}, scale ${axes["scale"]}`;
}

function claimLines({ claims }: ReportData): string {
  const rows = claims.map(({ id, verdict, title, finding, sentence, statistic }) => [
    id,
    verdict,
    statistic === "none" ? sentence : `${title}: ${clipped(finding.split("; ")[0]!)}`,
  ]);
  return `Claims\n${aligned(rows)}`;
}

const LINE_LETTERS = 150;

/** One line; the report has the rest. */
function clipped(text: string): string {
  return text.length <= LINE_LETTERS ? text : `${text.slice(0, text.lastIndexOf(" ", LINE_LETTERS))} …`;
}

function countLine({ counts }: ReportData): string {
  return `Cases: ${
    Object.entries(counts)
      .map(([status, count]) => `${count} ${status}`)
      .join(", ") || "none finished yet"
  }`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, index) => Math.max(most[index] ?? 0, cell.length)),
    [],
  );
  return rows
    .map(
      (row) =>
        `  ${row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index]!))).join("  ")}`,
    )
    .join("\n");
}
