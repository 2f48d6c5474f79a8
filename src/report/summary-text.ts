// What the terminal prints at the end: headline ratios and the claims.

import type { Evidence } from "#evidence/evidence";
import { SUBJECT } from "#evidence/point";
import type { Result } from "#evidence/result";
import { labelOf } from "./palette.ts";
import { printEstimate } from "./print.ts";
import type { ReportData } from "./report-data.ts";

/** Plain text of at most a screen: no colour, no control characters. */
export function summaryText({ answer, cautions, claims, counts }: ReportData, evidence: Evidence): string {
  const found = Object.entries(counts).map(([status, count]) => `${count} ${status}`);
  const rows = claims.map(({ id, verdictText, title, findings, sentence, statistic }) => [
    id,
    verdictText,
    statistic === "" ? sentence : `${title}: ${clipped(findings[0] ?? "")}`,
  ]);
  const parts = [
    [...cautions.map((text) => `! ${text}`), ...answer].join("\n"),
    headline(evidence),
    `Claims\n${aligned(rows)}`,
    `Cases: ${found.join(", ") || "none finished yet"}`,
  ].filter((part) => part !== "");
  return `${parts.join("\n\n")}\n`;
}

/** Ratios to one additive scan at the longest length of scan-count, mixer layer before operator, two dimensions before others. */
function headline({ results, ratios }: Evidence): string {
  const timed = results.filter(
    (result) =>
      result.axes["kind"] === "operator" &&
      !result.stale &&
      result.contender !== SUBJECT &&
      ratios(result, SUBJECT) !== undefined,
  );
  const [first] = timed.toSorted((a, b) => rankOf(b) - rankOf(a));
  if (first === undefined) return "";
  const rows = timed
    .filter(({ place }) => place === first.place)
    .map((result) => {
      const ratio = ratios(result, SUBJECT)!;
      return [labelOf(result.contender), printEstimate(ratio, "plain"), `n = ${ratio.n}`];
    });
  const { suite, level, pass, dims, N, engine, scale } = first.axes;
  const place = `${suite}, ${level}, ${pass}, ${dims}-D grid, N ${N}, engine ${engine}, scale ${scale}`;
  return `Time relative to one additive scan (above 1 is slower), ${place}\n${aligned(rows)}`;
}

function rankOf({ axes }: Result): number {
  return (
    (axes["suite"] === "scan-count" ? 1e9 : 0) +
    (axes["level"] === "mixer" ? 5e8 : 0) +
    (axes["dims"] === 2 ? 2e8 : 0) +
    (axes["pass"] === "forward" ? 1e8 : 0) +
    Number(axes["N"])
  );
}

const LINE_LETTERS = 150;

/** One line; the report has the rest. */
function clipped(text: string): string {
  return text.length <= LINE_LETTERS ? text : `${text.slice(0, text.lastIndexOf(" ", LINE_LETTERS))} …`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, index) => Math.max(most[index] ?? 0, cell.length)),
    [],
  );
  const lines = rows.map((row) =>
    row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index]!))),
  );
  return lines.map((cells) => `  ${cells.join("  ")}`).join("\n");
}
