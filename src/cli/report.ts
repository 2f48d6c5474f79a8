// `report`: CSV, charts, tables and one page, from records alone. No engine is loaded.

import type { Command } from "commander";
import { findRun } from "#store/layout";
import { loadRun } from "#store/load";
import { collect, flag } from "./options.ts";
import { suites } from "./suites.ts";

export function addReport(program: Command): void {
  const command = program
    .command("report")
    .description("CSV, PNG charts, tables and one offline HTML page from records alone")
    .addOption(
      flag("--run <run>", "run folder or name (default: the newest); repeat to report several").argParser(collect),
    )
    .addOption(flag("--out <dir>", "where to write (default: the run's own folder)"));
  command.action(async () => {
    const { run, out } = command.opts<{ run?: readonly string[]; out?: string }>();
    const folders = run === undefined ? [findRun(undefined)] : run.map((name) => findRun(name));
    const loaded = folders.map(loadRun);
    for (const warning of loaded.flatMap(({ warnings }) => warnings)) console.error(`warning: ${warning}`);
    const { writeReport } = await import("./write-report.ts");
    console.log((await writeReport(loaded, suites.all(), out ?? folders[0]!)).summary);
  });
}
