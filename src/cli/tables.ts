// `tables`: the paper's tables from records, published value beside ours; `--explain` shows the records behind a cell.

import type { Command } from "commander";
import { findRun } from "#store/layout";
import { loadRun } from "#store/load";
import { explainCell } from "./explain-cell.ts";
import { collect, flag, oneOf } from "./options.ts";
import { suites } from "./suites.ts";

const FORMATS = ["md", "csv", "latex"] as const;

interface TablesFlags {
  readonly run?: readonly string[];
  readonly format: (typeof FORMATS)[number];
  readonly explain?: string;
}

export function addTables(program: Command): void {
  const command = program
    .command("tables")
    .description("the paper's tables from records, published value beside ours")
    .addOption(flag("--run <run>", "run folder or name (default: the newest); repeat for several").argParser(collect))
    .addOption(flag("--format <format>", FORMATS.join(", ")).argParser(oneOf("format", FORMATS)).default("md"))
    .addOption(flag("--explain <cell>", "table/row/column: the records behind a cell"));
  command.action(async () => {
    const flags = command.opts<TablesFlags>();
    const runs = (flags.run ?? [undefined]).map((name) => loadRun(findRun(name)));
    const { buildTables } = await import("#report/build");
    const { csvOfTables, markdownOf } = await import("#report/tables/text-table");
    const { latexDocument } = await import("#report/tables/latex");
    const { reportInput } = await import("./write-report.ts");
    for (const warning of runs.flatMap(({ warnings }) => warnings)) console.error(`warning: ${warning}`);
    const { tables, warnings } = buildTables(reportInput(runs, suites.all()));
    for (const warning of warnings) console.error(`warning: ${warning}`);
    if (flags.explain !== undefined) {
      console.log(explainCell(tables, runs, flags.explain));
      return;
    }
    const write = {
      md: () => tables.map((table) => markdownOf(table)).join("\n"),
      csv: () => csvOfTables(tables),
      latex: () => latexDocument(tables),
    };
    console.log(write[flags.format]().trimEnd());
  });
}
