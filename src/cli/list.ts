// `list`: what exists. Loads no tensor library.

import { relative } from "node:path";
import type { Command } from "commander";
import { counted } from "#base/counted";
import { UsageError } from "#base/errors";
import { formatCount } from "#base/units";
import { groupBy } from "#base/group";
import { wrap } from "#base/wrap";
import { axesOf } from "#catalogue/axes";
import { caseId, ENGINE_IDS, type EngineId, type Scale, SCALES } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { modelVariants } from "#models/variants";
import { engines } from "#engine/registry";
import { DEVICES } from "#engine/webgpu/costs/devices";
import { operators } from "#ops/registry";
import { paperTables } from "#catalogue/paper/tables";
import { findDatasets } from "#data/sets/registry";
import { unknownName } from "#base/registry";
import { expand } from "#runner/expand";
import { checkDataDir, collect, flag, oneOf } from "./options.ts";
import { programsOfPackage } from "#programs/given";
import { PREDICTED, PREDICTED_SHOWN, predictedCase } from "./predicted-case.ts";
import { suites } from "./suites.ts";

type Row = Readonly<Record<string, unknown>>;

interface ListFlags {
  readonly filter?: readonly string[];
  readonly json?: boolean;
  readonly scale: Scale;
  readonly engine: EngineId;
  readonly dataDir?: string;
  /** id of a GPU */
  readonly predict?: string;
}

/** One list: what can be listed, and how. */
const LISTS: Readonly<Record<string, (flags: ListFlags, suite?: string) => readonly Row[]>> = {
  suites: () => suites.all().map(({ id, kind, question }) => ({ id, kind, question })),
  cases: ({ dataDir, predict, ...flags }, suite) => {
    const chosen = suite === undefined ? suites.all() : [suites.get(suite)];
    const device = predict === undefined ? undefined : DEVICES.get(predict);
    return expand(chosen, { ...flags, found: findDatasets(dataDir) })
      .flatMap(({ cases }) => cases)
      .flatMap((item) => {
        const row = { caseId: caseId(item), ...axesOf(item) };
        if (device === undefined) return [row];
        const predicted = predictedCase(item, device);
        return predicted === undefined ? [] : [{ ...row, ...predicted }];
      });
  },
  contenders: () => [
    ...contenders.all().map(({ id, label, family, varies }) => ({ id, family, label, varies })),
    ...programsOfPackage().map(({ manifest: { label }, folder }) => ({
      id: relative(process.cwd(), folder),
      family: "program",
      label,
      varies: "implementation",
    })),
  ],
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
    .argument("[suite]", "of cases: those of this suite only")
    .addOption(flag("--json", "as JSON"))
    .addOption(flag("--scale <scale>", "scale of cases").argParser(oneOf("scale", SCALES)).default("smoke"))
    .addOption(flag("--engine <engine>", "engine of cases").argParser(oneOf("engine", ENGINE_IDS)).default("wasm"))
    .addOption(
      flag("--filter <axis=value>", "of cases: only those with this value; repeat for more").argParser(collect),
    )
    .addOption(flag("--data-dir <dir>", "folder with data sets"))
    .addOption(
      flag(
        "--predict <gpu>",
        `of cases of engine webgpu: what a call must take at least on ${DEVICES.ids().join(", ")}`,
      ),
    )
    .addHelpText(
      "after",
      "\nExamples:\n  lightnet-bench list cases decode --filter N=1024\n  lightnet-bench list datasets --data-dir data" +
        "\n  lightnet-bench list cases kernel-forward --scale paper --predict h100-sxm",
    );
  command.action((what: string, suite: string | undefined) => {
    const list = LISTS[what];
    if (list === undefined) throw unknownName("list", what, Object.keys(LISTS));
    const flags = command.opts<ListFlags>();
    if (what !== "cases" && (suite !== undefined || flags.filter !== undefined))
      throw new UsageError(`a suite and --filter choose among cases; \`list ${what}\` takes neither.`);
    if (what !== "cases" && flags.predict !== undefined)
      throw new UsageError(`--predict is for cases, not for ${what}.`);
    checkDataDir(flags);
    const rows = list(flags.predict === undefined ? flags : { ...flags, engine: "webgpu" }, suite);
    if (flags.predict !== undefined && rows.length === 0)
      throw new UsageError("none of these cases has a model of its cost; docs/gpu.md says what is modelled.");
    console.log(flags.json === true ? JSON.stringify(rows, undefined, 2) : (TEXTS[what] ?? asText)(rows));
  });
}

/** Lists with more columns than a terminal has room for; --json has them all. */
const TEXTS: Readonly<Record<string, (rows: readonly Row[]) => string>> = { cases: casesText, models: modelsText };

function modelsText(rows: readonly Row[]): string {
  return asText(
    rows.map(({ id, model, width, depth, heads, parameters, parametersAgainstLightNet: more }) => {
      const share = `${(100 * Number(more)).toFixed(1)} %`;
      return { id, model, width, depth, heads, parameters: formatCount(Number(parameters)), "over LightNet": share };
    }),
  );
}

/** Cases suite by suite: what all have is said once, and what follows from the contender is left to --json. */
function casesText(rows: readonly Row[]): string {
  return [...groupBy(rows, (row) => String(row["suite"]))]
    .map(([suite, members]) => {
      const axes = [...new Set(members.flatMap((row) => Object.keys(row)))].filter(
        (axis) => !["caseId", "suite", "contender", ...PREDICTED].includes(axis),
      );
      const valuesOf = (cases: readonly Row[], axis: string) => new Set(cases.map((row) => row[axis]));
      const constant = axes.filter((axis) => valuesOf(members, axis).size === 1);
      const varying = axes.filter(
        (axis) =>
          axis !== "dims" &&
          [...groupBy(members, (row) => String(row["contender"])).values()].some((own) => valuesOf(own, axis).size > 1),
      );
      const predicted = PREDICTED_SHOWN.filter((name) => name in members[0]!);
      // There is no room for ids beside predictions.
      const columns = [...(predicted.length > 0 ? [] : ["caseId"]), "contender", ...varying, ...predicted];
      const shown = members.map((row) => Object.fromEntries(columns.map((column) => [column, row[column]])));
      const shared = constant.map((axis) => `${axis}=${String(members[0]![axis])}`).join(" ");
      const wrapped = wrap(shared, LINE_LETTERS - 2)
        .map((line) => `  ${line}`)
        .join("\n");
      return `${suite}: ${counted(members.length, "case")}, all with\n${wrapped}\n${asText(shown)}`;
    })
    .join("\n\n");
}

/** No line is longer, but for a word that is. */
const LINE_LETTERS = 100;
const LEAST_LETTERS = 16;

/** Aligned columns; the widest are broken into lines where the terminal has no room for them. */
export function asText(rows: readonly Row[]): string {
  if (rows.length === 0) return "(none)";
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const grid = [columns, ...rows.map((row) => columns.map((column) => textOf(row[column])))];
  const widths = fitted(columns.map((_, i) => Math.max(...grid.map((cells) => cells[i]!.length))));
  return grid.flatMap((cells) => linesOf(cells, widths)).join("\n");
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(3))) : String(value);
}

/** Takes from the widest column, letter by letter, until all have room. */
function fitted(widths: readonly number[]): number[] {
  const kept = [...widths];
  const room = LINE_LETTERS - 2 * (widths.length - 1);
  while (kept.reduce((sum, width) => sum + width, 0) > room && Math.max(...kept) > LEAST_LETTERS)
    kept[kept.indexOf(Math.max(...kept))]!--;
  return kept;
}

/** A row of cells, each broken at its width. */
function linesOf(cells: readonly string[], widths: readonly number[]): string[] {
  const parts = cells.map((cell, i) => wrap(cell, widths[i]!));
  const height = Math.max(...parts.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    parts
      .map((part, i) => (part[line] ?? "").padEnd(widths[i]!))
      .join("  ")
      .trimEnd(),
  );
}
