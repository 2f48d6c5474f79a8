// `list`: what exists. Loads no tensor library.

import type { Command } from "commander";
import { axesOf } from "#catalogue/axes";
import { caseId, ENGINE_IDS, type EngineId, type Scale, SCALES } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { modelVariants } from "#models/variants";
import { engines } from "#engine/registry";
import { operators } from "#ops/registry";
import { paperTables } from "#catalogue/paper/tables";
import { findDatasets } from "#data/sets/registry";
import { unknownName } from "#base/registry";
import { checkDataDir, flag, oneOf } from "./options.ts";
import { suites } from "./suites.ts";

type Row = Readonly<Record<string, unknown>>;

interface ListFlags {
  readonly json?: boolean;
  readonly scale: Scale;
  readonly engine: EngineId;
  readonly dataDir?: string;
}

/** One list: what can be listed, and how. */
const LISTS: Readonly<Record<string, (flags: ListFlags) => readonly Row[]>> = {
  suites: () => suites.all().map(({ id, kind, claim }) => ({ id, kind, claim })),
  cases: (flags) => {
    const datasets = findDatasets(flags.dataDir)
      .filter(({ available }) => available)
      .map(({ id }) => id);
    return suites
      .all()
      .flatMap((suite) =>
        suite.cases({ ...flags, datasets }).map((item) => ({ caseId: caseId(item), ...axesOf(item) })),
      );
  },
  contenders: () => contenders.all().map(({ id, label, family, varies }) => ({ id, family, label, varies })),
  ops: () => operators.all().map(({ id, title, strategies }) => ({ id, strategies: strategies.join(" "), title })),
  engines: () => engines.all().map(({ id, title }) => ({ id, title })),
  datasets: (flags) => findDatasets(flags.dataDir).map((dataset) => ({ ...dataset })),
  models: () => modelVariants().map((variant) => ({ ...variant })),
  tables: () => paperTables.all().map(({ id, title }) => ({ id, title })),
};

export function addList(program: Command): void {
  const command = program
    .command("list")
    .description("what exists: suites, cases, contenders, ops, engines, datasets, models, tables")
    .argument("[what]", `one of ${Object.keys(LISTS).join(", ")}`, "suites")
    .addOption(flag("--json", "as JSON"))
    .addOption(flag("--scale <scale>", "scale of cases").argParser(oneOf("scale", SCALES)).default("smoke"))
    .addOption(flag("--engine <engine>", "engine of cases").argParser(oneOf("engine", ENGINE_IDS)).default("wasm"))
    .addOption(flag("--data-dir <dir>", "folder with data sets"));
  command.action((what: string) => {
    const list = LISTS[what];
    if (list === undefined) throw unknownName("list", what, Object.keys(LISTS));
    const flags = command.opts<ListFlags>();
    checkDataDir(flags);
    const rows = list(flags);
    console.log(flags.json === true ? JSON.stringify(rows, undefined, 2) : asText(rows));
  });
}

/** Aligned columns, the last one free. */
export function asText(rows: readonly Row[]): string {
  if (rows.length === 0) return "(none)";
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (row: Row, column: string) => (row[column] === undefined ? "" : String(row[column]));
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => cell(row, column).length)));
  const line = (values: readonly string[]) =>
    values
      .map((value, i) => (i === values.length - 1 ? value : value.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd();
  return [line(columns), ...rows.map((row) => line(columns.map((column) => cell(row, column))))].join("\n");
}
