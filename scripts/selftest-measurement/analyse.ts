// From the self-test's lines to its table: how often equal code is called different, and how often an injected slowdown
// is found. Uses the verdicts of `compare` and the paired ratios of the reports, nothing of its own.

import { groupBy } from "#base/group";
import { Random } from "#base/random";
import { formatSeconds } from "#base/units";
import { compareRuns } from "#evidence/compare-runs";
import type { Run } from "#evidence/runs";
import { judgeTime, type TimeWord as Word } from "#evidence/verdict";
import { hierarchicalInterval } from "#stats/hierarchical";
import { formatWithInterval } from "#stats/interval-digits";
import { proportionInterval } from "#stats/proportion";
import { median } from "#stats/quantiles";
import { pairedRatioInterval } from "#stats/ratio";
import { SCHEMA_VERSION, type RunRecord } from "#store/record";
import { caseId, matchupId, type OperatorCase } from "#case/case";
import type { Variant } from "./cells.ts";
import type { CellLine } from "./child.ts";

export interface SelftestLine extends CellLine {
  readonly condition: "quiet" | "drift";
  readonly execution: number;
  readonly process: number;
}

/** One line of the table before counting. */
export interface SelftestRow {
  readonly title: string;
  /** the verdicts of every comparison */
  readonly words: readonly (readonly Word[])[];
}

const CHANGES: readonly { readonly variant: Variant; readonly title: string }[] = [
  { variant: "again", title: "equal code" },
  { variant: "slow5", title: "5 % slower" },
  { variant: "slow10", title: "10 % slower" },
  { variant: "slow20", title: "20 % slower" },
];
const THRESHOLDS = { noise: 0.02, alpha: 0.05 };
/** Fresh processes of a headline matchup at scale smoke; at scales small and paper all that were measured. */
const SMOKE_PROCESSES = 3;

/** Two runs are judged with all processes measured, and with the first few alone. */
export function analyse(lines: readonly SelftestLine[], cells: readonly OperatorCase[]): SelftestRow[] {
  const quiet = lines.filter((line) => line.condition === "quiet");
  const drift = lines.filter((line) => line.condition === "drift");
  const all = 1 + Math.max(0, ...quiet.map((line) => line.process));
  const sizes = all > SMOKE_PROCESSES ? [all, SMOKE_PROCESSES] : [all];
  return [
    ...sizes.flatMap((processes) => {
      const some = quiet.filter((line) => line.process < processes);
      return CHANGES.map(({ variant, title }) => ({
        title: `two runs of ${processes} processes, ${title}`,
        words: betweenRuns(some, variant, cells),
      }));
    }),
    ...CHANGES.map(({ variant, title }) => ({ title: `side by side, ${title}`, words: sideBySide(quiet, variant) })),
    ...CHANGES.map(({ variant, title }) => ({
      title: `side by side under drift, ${title}`,
      words: sideBySide(drift, variant),
    })),
  ].filter((row) => row.words.length > 0);
}

/** Execution 2i as baseline against 2i + 1 as candidate: no execution is used twice. */
function betweenRuns(lines: readonly SelftestLine[], variant: Variant, cells: readonly OperatorCase[]): Word[][] {
  const last = Math.max(-1, ...lines.map((line) => line.execution));
  const pairs = Array.from({ length: Math.floor((last + 1) / 2) }, (_, index) => 2 * index);
  return pairs.map((execution) => {
    const [baseline, candidate] = [
      asRun(lines, { execution, variant: "base" }, cells),
      asRun(lines, { execution: execution + 1, variant }, cells),
    ];
    return compareRuns(baseline, candidate, THRESHOLDS).items.flatMap((item) =>
      item.quantity === "time" && "ratio" in item ? [item.verdict] : [],
    );
  });
}

/** Every execution: variant against base of the same rounds. */
function sideBySide(lines: readonly SelftestLine[], variant: Variant): Word[][] {
  const executions = [...new Set(lines.map((line) => line.execution))];
  return executions.map((execution) => {
    const members = lines.filter((line) => line.execution === execution);
    const cells = [...new Set(members.map((line) => line.cell))];
    return cells.map((cell) => {
      const rounds = members
        .filter((line) => line.cell === cell)
        .map(({ roundSecondsSamples: samples }) => {
          const shared = Math.min(samples[variant].length, samples.base.length);
          return { numerator: samples[variant].slice(0, shared), denominator: samples.base.slice(0, shared) };
        });
      const ratio = pairedRatioInterval(rounds, { random: new Random(execution).fork(`${variant}/${cell}`) });
      return judgeTime(ratio, THRESHOLDS).word;
    });
  });
}

function asRun(
  lines: readonly SelftestLine[],
  of: { readonly execution: number; readonly variant: Variant },
  cells: readonly OperatorCase[],
): Run {
  const run = `${of.variant}-${of.execution}`;
  const records = lines
    .filter((line) => line.execution === of.execution)
    .flatMap((line) =>
      line.roundSecondsSamples[of.variant].map((seconds, round, all) =>
        recordOf(cells[line.cell]!, { line, round, seconds, final: round === all.length - 1 }),
      ),
    );
  const startedAt = "1970-01-01T00:00:00Z";
  return {
    manifest: {
      schema: SCHEMA_VERSION,
      run,
      command: "selftest",
      scale: "smoke",
      suites: [],
      flags: {},
      startedAt,
      environments: {},
      loadAverage: [],
    },
    records,
  };
}

interface RoundFacts {
  readonly line: SelftestLine;
  readonly round: number;
  readonly seconds: number;
  readonly final: boolean;
}

function recordOf(item: OperatorCase, { line, round, seconds, final }: RoundFacts): RunRecord {
  const id = caseId(item);
  // every cell is a matchup of its own: contenders at one length would otherwise share an atom
  const names = { caseId: id, key: id, codeHash: "selftest", matchup: `${matchupId(item)}-${line.cell}` };
  const when = { environment: "selftest", startedAt: "1970-01-01T00:00:00Z" };
  return {
    schema: SCHEMA_VERSION,
    status: "ok",
    ...names,
    process: line.process,
    round,
    final,
    ...when,
    case: item,
    secondsSamples: [seconds],
  };
}

/** Markdown table of shares in percent, each with its 95 % interval. */
export function tableOf(rows: readonly SelftestRow[]): string {
  const head = ["comparison", "comparisons × cells", "faster", "slower", "same", "ambiguous"];
  const body = rows.map(({ title, words }) => [
    title,
    `${words.length} × ${words[0]?.length ?? 0}`,
    ...(["faster", "slower", "same", "ambiguous"] as const).map((word) => shareOf(words, word)),
  ]);
  return [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** What measuring adds to a sample, beside the shortest cell; empty where the lines do not tell it. */
export function overheadLine(lines: readonly SelftestLine[]): string {
  const overheads = lines.flatMap((line) => line.overheadSeconds ?? []);
  if (overheads.length === 0) return "";
  const overhead = median(overheads);
  const shortest = Math.min(
    ...[...groupBy(lines, (line) => String(line.cell)).values()].map((members) =>
      median(members.flatMap((line) => [...line.roundSecondsSamples.base])),
    ),
  );
  const percent = Number(((100 * overhead) / shortest).toPrecision(2));
  return `A call that computes nothing takes ${formatSeconds(overhead, 2)}: ${percent} % of the shortest cell (${formatSeconds(shortest, 2)}).`;
}

/** The wider of two intervals at each end: over cells as if independent, and over comparisons, whose cells share a day. */
function shareOf(words: readonly (readonly Word[])[], word: Word): string {
  const hits = words.map((verdicts) => verdicts.map((verdict) => (verdict === word ? 1 : 0)));
  const all: number[] = hits.flat();
  const cells = proportionInterval(all.filter((hit) => hit === 1).length, all.length);
  const comparisons = hierarchicalInterval(hits, { random: new Random(1), statistic: "mean" });
  const low = Math.max(0, Math.min(cells.low!, comparisons.low ?? 1));
  const high = Math.min(1, Math.max(cells.high!, comparisons.high ?? 0));
  return formatWithInterval(100 * cells.estimate, { low: 100 * low, high: 100 * high }, { unit: "%" });
}
