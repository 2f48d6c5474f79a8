// `tables`: the paper's tables from records, published value beside ours; `--explain` shows the records behind a cell.

import type { Command } from "commander";
import { loadRun } from "#store/load";
import { UsageError } from "#base/errors";
import { explainCell, named } from "./explain-cell.ts";
import { collect, flag, oneOf } from "./options.ts";
import { suites } from "./suites.ts";
import { findRunToRead } from "./zipped-run.ts";

const FORMATS = ["md", "csv", "latex"] as const;

interface TablesFlags {
  readonly run?: readonly string[];
  readonly format: (typeof FORMATS)[number];
  readonly explain?: string;
  readonly fragment?: boolean;
  readonly allColumns?: boolean;
}

export function addTables(program: Command): void {
  const command = program
    .command("tables")
    .description("the paper's tables from records, published value beside ours")
    .argument("[table...]", "tables to print (default: those with a value of these runs)")
    .addOption(
      flag("--run <run>", "run folder, zip or name (default: the newest); repeat for several").argParser(collect),
    )
    .addOption(flag("--format <format>", FORMATS.join(", ")).argParser(oneOf("format", FORMATS)).default("md"))
    .addOption(
      flag("--all-columns", "every column; else at most eight, and what all rows repeat stands below (md, fragment)"),
    )
    .addOption(flag("--fragment", "with --format latex: tables to be put into a paper, not a document"))
    .addOption(flag("--explain <cell>", "table/row/column as they are printed: the records behind a cell"));
  command.action(async (names: string[]) => {
    const flags = command.opts<TablesFlags>();
    const runs = (await Promise.all((flags.run ?? [undefined]).map(findRunToRead))).map(loadRun);
    const { buildTables } = await import("#report/build");
    const { csvOfTables, markdownOf } = await import("#report/tables/text-table");
    const { latexDocument, latexFragment } = await import("#report/tables/latex");
    const { foldedTable, hasOwnValue, printedTable } = await import("#report/tables/printed-table");
    const { reportInput } = await import("./write-report.ts");
    for (const warning of runs.flatMap(({ warnings }) => warnings)) console.error(`warning: ${warning}`);
    const { tables, warnings } = buildTables(reportInput(runs, suites.all()));
    for (const warning of warnings) console.error(`warning: ${warning}`);
    if (flags.explain !== undefined) {
      console.log(explainCell(tables, runs, flags.explain));
      return;
    }
    if (flags.fragment === true && flags.format !== "latex")
      throw new UsageError("--fragment goes with --format latex.");
    const chosen = names.length > 0 ? names.map((name) => named("table", tables, name)) : tables.filter(hasOwnValue);
    const shown = flags.allColumns === true ? printedTable : foldedTable;
    const write = {
      md: () => chosen.map((table) => markdownOf(shown(table))).join("\n"),
      csv: () => csvOfTables(chosen),
      latex: () =>
        flags.fragment === true ? chosen.map((table) => latexFragment(shown(table))).join("\n") : latexDocument(chosen),
    };
    if (chosen.length > 0) console.log(write[flags.format]().trimEnd());
    for (const { id } of tables.filter((table) => names.length === 0 && !chosen.includes(table)))
      console.error(`no value of these runs in ${id}; its published values: lightnet-bench tables ${id}`);
  });
}
