// `history add <run>`: a run's numbers into the history of this machine. `history [suite]`: how each case moved, and its steps.

import type { Command } from "commander";
import { basename } from "node:path";
import { counted } from "#base/counted";
import { UsageError } from "#base/errors";
import type { HistorySeries } from "#evidence/history";
import { HISTORY_FOLDER, addToHistory, historyPath, readHistory } from "#store/history";
import { loadRun } from "#store/load";
import { historyFiles } from "./history-files.ts";
import { collect, flag } from "./options.ts";
import { suites } from "./suites.ts";
import { findRunToRead } from "./zipped-run.ts";

interface HistoryFlags {
  readonly contender?: readonly string[];
  readonly machine?: string;
  readonly json?: boolean;
}

export function addHistory(program: Command): void {
  const history = program
    .command("history")
    .description(`how each case moved from run to run, with steps; a file for each machine under ${HISTORY_FOLDER}`)
    .argument("[suite]", "cases of this suite only")
    .addOption(flag("--contender <name>", "only this contender; repeat for more").argParser(collect))
    .addOption(flag("--machine <name>", `name of a file under ${HISTORY_FOLDER} (default: the only one, or all)`))
    .addOption(flag("--json", "as JSON"))
    .addHelpText(
      "after",
      `
Examples:
  lightnet-bench history add latest        after a run on a clean commit
  lightnet-bench history scan-count --contender additive-global`,
    );
  history.action((suite: string | undefined) => show(suite, history.opts<HistoryFlags>()));
  history
    .command("add")
    .description("add the numbers of a run; adding it again replaces them")
    .argument("<run>", "run folder, its name, how that begins, or latest")
    .action(add);
}

async function add(name: string): Promise<void> {
  const run = loadRun(await findRunToRead(name));
  const machines = Object.values(run.manifest.environments);
  const paths = new Set(machines.map((environment) => historyPath(environment)));
  if (paths.size !== 1)
    throw new UsageError(`${run.manifest.run} holds records of ${paths.size} machines; a history is of one machine.`);
  const { resultsOf } = await import("#evidence/result");
  const { historyEntriesOf } = await import("#evidence/history");
  const [path] = paths;
  const entries = historyEntriesOf(run, resultsOf(run.records));
  const replaced = addToHistory(path!, entries);
  if (machines.some(({ gitDirty }) => gitDirty === true))
    console.error(
      "warning: the run was measured with changes that are not committed; its commit does not name its code",
    );
  const again = replaced === 0 ? "" : ` (in place of ${replaced} of the same run)`;
  console.log(`${counted(entries.length, "number")} of ${run.manifest.run} added to ${path!}${again}`);
}

async function show(suite: string | undefined, { contender, machine, json }: HistoryFlags): Promise<void> {
  if (suite !== undefined) suites.get(suite);
  const { historySeriesOf } = await import("#evidence/history");
  const { historyText } = await import("#report/history-text");
  const isAsked = (series: HistorySeries): boolean =>
    (suite === undefined || series.suite === suite) &&
    (contender === undefined || contender.includes(series.contender));
  const histories = historyFiles(machine).map((path) => ({
    machine: basename(path, ".jsonl"),
    series: historySeriesOf(readHistory(path)).filter(isAsked),
  }));
  if (json === true) console.log(JSON.stringify(histories, undefined, 2));
  else for (const one of histories) console.log(historyText(one.machine, one.series));
}
