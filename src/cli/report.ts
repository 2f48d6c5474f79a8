// `report`: CSV, charts, tables and one page, from records alone. No engine is loaded.

import type { Command } from "commander";
import { loadRun } from "#store/load";
import { collect, flag } from "./options.ts";
import { suites } from "./suites.ts";
import { findRunToRead, reportFolder } from "./zipped-run.ts";

export function addReport(program: Command): void {
  const command = program
    .command("report")
    .description("CSV, PNG charts, tables and one offline HTML page from records alone")
    .addOption(
      flag("--run <run>", "run folder, zip or name (default: the newest); repeat to report several").argParser(collect),
    )
    .addOption(flag("--out <dir>", "where to write (default: the run's own folder)"));
  command.action(async () => {
    const { run, out } = command.opts<{ run?: readonly string[]; out?: string }>();
    const folders = await Promise.all((run ?? [undefined]).map(findRunToRead));
    const loaded = folders.map(loadRun);
    for (const warning of loaded.flatMap(({ warnings }) => warnings)) console.error(`warning: ${warning}`);
    const { writeReport } = await import("./write-report.ts");
    console.log((await writeReport(loaded, suites.all(), out ?? reportFolder(run?.[0], folders[0]!))).summary);
  });
}
