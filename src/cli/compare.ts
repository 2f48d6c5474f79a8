// `compare <baseline> <candidate>`: a verdict for every case of two runs.

import type { Command } from "commander";
import { EXIT, UsageError } from "#base/errors";
import type { RunComparison } from "#evidence/compare-runs";
import { caseId, type Case } from "#case/case";
import { loadRun, type LoadedRun } from "#store/load";
import { findBaseline } from "./baseline.ts";
import { collect, flag, oneOf } from "./options.ts";

// The lists of src/evidence, repeated as texts for --help, which loads nothing.
const FORMATS = ["md", "json", "csv", "junit", "github"] as const;
const DIFFERENCES = ["machine", "engine", "scale"] as const;
const FAIL_ON = ["regression", "none"] as const;

interface CompareFlags {
  readonly noise: number;
  readonly alpha: number;
  readonly failOn: (typeof FAIL_ON)[number];
  readonly format: (typeof FORMATS)[number];
  readonly allowDifferent?: readonly (typeof DIFFERENCES)[number][];
  readonly allowMissing?: boolean;
  readonly filter?: readonly string[];
  readonly between?: readonly string[];
}

export function addCompare(program: Command): void {
  const command = program
    .command("compare")
    .description("verdict for every time and score of two runs: faster, slower, worse, same, ambiguous, missing")
    .argument("<baseline>", "saved baseline, or a run: its folder, its name, how that begins, or latest")
    .argument("[candidate]", "likewise; none with --between")
    .addOption(
      flag("--noise <share>", "differences below this do not count, such as 2%")
        .argParser(parseShare)
        .default(0.02, "2%"),
    )
    .addOption(flag("--alpha <share>", "chance of a false alarm over all cases").argParser(parseShare).default(0.05))
    .addOption(
      flag("--fail-on <what>", "regression: exit 1 when a case is slower, worse or broken; none: always 0")
        .argParser(oneOf("value of --fail-on", FAIL_ON))
        .default("regression"),
    )
    .addOption(flag("--format <format>", FORMATS.join(", ")).argParser(oneOf("format", FORMATS)).default("md"))
    .addOption(
      flag("--filter <axis=value>", "only cases with this value; repeat for more axes or values").argParser(collect),
    )
    .addOption(flag("--allow-different <what>", `${DIFFERENCES.join(", ")}; repeat for more`).argParser(collect))
    .addOption(
      flag("--between <contenders...>", "two contenders of one run, such as kernel@before kernel@after").argParser(
        collect,
      ),
    )
    .addOption(flag("--allow-missing", "exit 0, not 5, where the baseline has more than the candidate"));
  command.action(async (baseline: string, candidate: string | undefined) => {
    const { between } = command.opts<CompareFlags>();
    if (between !== undefined) return compareBetween(baseline, candidate, command.opts<CompareFlags>());
    if (candidate === undefined)
      throw new UsageError("compare needs two runs, or one and --between with two of its contenders.");
    const {
      noise,
      alpha,
      failOn,
      format,
      allowMissing = false,
      allowDifferent = [],
      filter = [],
    } = command.opts<CompareFlags>();
    allowDifferent.forEach(oneOf("value of --allow-different", DIFFERENCES));
    const { compareRuns } = await import("#evidence/compare-runs");
    const { formatComparison } = await import("#evidence/formats");
    const runs = (await Promise.all([baseline, candidate].map(findBaseline))).map(loadRun);
    const comparison = compareRuns(runs[0]!, runs[1]!, {
      noise,
      alpha,
      allowDifferent,
      ...(filter.length === 0 ? {} : { keep: await keeperOf(runs, filter) }),
    });
    for (const warning of comparison.warnings) console.error(`warning: ${warning}`);
    console.log(formatComparison(comparison, format).trimEnd());
    process.exitCode = failOn === "none" ? EXIT.ok : exitCodeOf(comparison, allowMissing);
  });
}

async function compareBetween(run: string, second: string | undefined, flags: CompareFlags): Promise<void> {
  const { between = [], format, failOn } = flags;
  const [a, b] = between;
  if (a === undefined || b === undefined || between.length > 2 || second !== undefined)
    throw new UsageError("--between names two contenders of one run: compare <run> --between a b.");
  if (format !== "md" && format !== "json") throw new UsageError("--between is shown as md or json.");
  const { compareContenders, pairsAsMarkdown } = await import("#evidence/compare-contenders");
  const loaded = loadRun(await findBaseline(run));
  const { filter = [] } = flags;
  const keep = filter.length === 0 ? undefined : await keeperOf([loaded], filter);
  const kept = keep === undefined ? loaded : { ...loaded, records: loaded.records.filter((line) => keep(line.case)) };
  const pairs = compareContenders(kept, [a, b], flags);
  console.log(format === "json" ? JSON.stringify(pairs, undefined, 2) : pairsAsMarkdown(pairs));
  process.exitCode = failOn !== "none" && pairs.some((pair) => pair.isRegression) ? EXIT.regression : EXIT.ok;
}

/** @throws {UnknownNameError} an axis or a value that no case of either run has */
async function keeperOf(runs: readonly LoadedRun[], texts: readonly string[]): Promise<(item: Case) => boolean> {
  const { applyFilter, parseFilter } = await import("#runner/expand");
  const cases = new Map(runs.flatMap(({ records }) => records.map((record) => [record.caseId, record.case] as const)));
  const kept = new Set(applyFilter([...cases.values()], parseFilter(texts)).map((item) => caseId(item)));
  return (item) => kept.has(caseId(item));
}

function exitCodeOf({ regressions, incomplete }: RunComparison, allowMissing: boolean): number {
  if (regressions.length > 0) return EXIT.regression;
  return incomplete.length > 0 && !allowMissing ? EXIT.incomplete : EXIT.ok;
}

/** `2%` or `0.02` → 0.02. */
function parseShare(text: string): number {
  const value = text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (text.trim() === "" || !(value >= 0 && value < 1))
    throw new UsageError(`a share such as 2% or 0.02 is expected, got "${text}".`);
  return value;
}
