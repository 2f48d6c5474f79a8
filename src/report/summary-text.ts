// What the terminal prints at the end, answer first: what makes it less sure, sentences, one table with bars, the claims.

import { counted } from "#base/counted";
import type { Evidence } from "#evidence/evidence";
import { SUBJECTS } from "#evidence/point";
import type { Result } from "#evidence/result";
import { countOf } from "./print.ts";
import type { ClaimText, ReportData } from "./report-data.ts";
import { aligned, numbersOf, placeWords, ratioBars, resultsText } from "./terminal-table.ts";
import { wrap } from "#base/wrap";

const LINE_LETTERS = 100;
/** More results than this are left to `show` and to the report. */
const MOST_LISTED = 12;

/** Plain text of about a screen: no colour, no control characters. */
export function summaryText(data: ReportData, evidence: Evidence): string {
  const { answer, cautions } = data;
  const parts = [
    [...wrap(data.title, LINE_LETTERS), factsOf(data), ...cautions.map((text) => `! ${text}`)].join("\n"),
    answer.flatMap((sentence) => wrap(sentence, LINE_LETTERS)).join("\n"),
    tableOf(
      evidence,
      data.runs.map(({ run }) => run),
    ),
    claimsText(data.claims),
  ].filter((part) => part !== "");
  return `${parts.join("\n\n")}\n`;
}

/** `run before · cases: 23 ok, 1 oom`. */
function factsOf({ runs, counts }: ReportData): string {
  const found = Object.entries(counts).map(([status, count]) => `${count} ${status}`);
  const cases = found.length === 0 ? "no case finished yet" : `cases: ${found.join(", ")}`;
  return `run ${runs.map(({ run }) => run).join(" + ")} · ${cases}`;
}

/** One matchup as bars where contenders were timed side by side; else what there is, when it is little. */
function tableOf({ results, ratios }: Evidence, runs: readonly string[]): string {
  const current = results.filter(({ stale }) => !stale);
  const isSubject = ({ contender }: Result): boolean => SUBJECTS.some((id) => id === contender);
  const timed = current.filter(
    (result) => result.case.kind !== "training" && result.time !== undefined && isSubject(result),
  );
  const [base] = timed.toSorted((a, b) => rankOf(b) - rankOf(a));
  const members = current.filter(({ matchup }) => matchup === base?.matchup);
  if (base === undefined || members.length < 2) {
    const shown = current.slice(0, MOST_LISTED);
    return shown.length === 0
      ? ""
      : [resultsText(shown, ratios), ...moreText(current.length - shown.length, runs)].join("\n");
  }
  const { value } = numbersOf([base], ratios)[0]!;
  const title = [
    `Time over that of LightNet (${value}), below 1 is faster, 95 % intervals, ${countOf(base.n, "processes")}:`,
    `${placeWords(base.axes)}, N ${base.axes["N"]}`,
  ];
  return [title.join("\n"), ratioBars(members, ratios), ...moreText(current.length - members.length, runs)].join("\n");
}

function moreText(count: number, runs: readonly string[]): string[] {
  return count > 0 ? [`  ${counted(count, "more result")}: lightnet-bench show ${runs[0]}`] : [];
}

/** Images before others, a layer before the operator alone, long before short. */
function rankOf({ axes }: Result): number {
  return (
    (axes["suite"] === "scan-count" ? 1e9 : 0) +
    (axes["level"] === "mixer" ? 5e8 : 0) +
    (axes["dims"] === 2 ? 2e8 : 0) +
    (axes["pass"] === "forward" ? 1e8 : 0) +
    Number(axes["N"])
  );
}

const SIGNS = { holds: "✓", fails: "✗", undecided: "?", "not decidable": "?", "not tested": "·" } as const;

/** Two lines for each tested claim, the others counted. */
function claimsText(claims: readonly ClaimText[]): string {
  const tested = claims.filter(({ verdict }) => verdict !== "not tested");
  const others = claims.length - tested.length;
  if (tested.length === 0) return "";
  const heads = aligned(
    tested.map(({ id, verdict, verdictText, title }) => [`${SIGNS[verdict]} ${id}`, title, verdictText]),
  );
  const lines = heads
    .split("\n")
    .flatMap((head, index) => [
      head,
      ...wrap(tested[index]!.findings[0] ?? "", LINE_LETTERS - 7).map((line) => `       ${line}`),
    ]);
  return [`Claims (${others} more are not tested by this run)`, ...lines].join("\n");
}
