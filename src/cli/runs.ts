// `runs`: the runs under results/runs; `runs rm`: one less. `show <run>`: what one is and what it found.

import { lstatSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { counted } from "#base/counted";
import { UsageError } from "#base/errors";
import { visible } from "#base/visible";
import { wrap } from "#base/wrap";
import { host } from "#host/current";
import { FileError } from "#host/host";
import { HEADLINE_FILE } from "#report/file-paths";
import { effectiveAtoms } from "#store/atoms";
import { RUNS_FOLDER, findRun, runNames, runPaths } from "#store/layout";
import { loadRun, type LoadedRun } from "#store/load";
import { takeLock } from "#store/lock";
import type { Environment, Manifest } from "#store/record";
import { asText } from "./list.ts";
import { flag } from "./options.ts";
import { quoted } from "./quoted.ts";
import { codeFlags, flagsOfRun } from "./run-flags.ts";
import { suites } from "./suites.ts";
import { findRunToRead } from "./zipped-run.ts";

export function addRuns(program: Command): void {
  const runs = program
    .command("runs")
    .description(`the runs under ${RUNS_FOLDER}, oldest first`)
    .addOption(flag("--json", "as JSON"));
  runs.action(async () => {
    const rows = await listRuns();
    console.log(runs.opts<{ json?: boolean }>().json === true ? JSON.stringify(rows, undefined, 2) : asText(rows));
  });
  runs
    .command("rm")
    .description(`remove a run under ${RUNS_FOLDER}, with all its files`)
    .argument("<run>", "its name, or how that begins")
    .action(removeRun);
}

export function addShow(program: Command): void {
  program
    .command("show")
    .description("what a run is, what it found, and what is left of it")
    .argument("[run]", "its folder, its name or how that begins (default: the newest)")
    .action(async (name: string | undefined) => showRun(await findRunToRead(name)));
}

async function listRuns() {
  const rows = [];
  for (const name of runNames(resolve(RUNS_FOLDER))) rows.push(await describeRun(findRun(name)));
  return rows.sort((a, b) => a.when.localeCompare(b.when));
}

/** One line of `runs`; a run that cannot be read says so, and hides no other. */
async function describeRun(folder: string) {
  const name = basename(folder);
  try {
    const run = loadRun(folder);
    const { startedAt, suites: ids, scale, flags } = run.manifest;
    const environment = lastEnvironment(run.manifest);
    return {
      when: startedAt.slice(0, 16).replace("T", " "),
      name,
      suites: ids.length > 2 ? `${ids[0]!} and ${ids.length - 1} more` : ids.join(", "),
      scale,
      engine: environment?.engine ?? "",
      commit: commitOf(environment),
      done: effectiveAtoms(run.records).length,
      left: await leftOf(run),
      found: headlineOf(folder),
      note: typeof flags["note"] === "string" ? visible(flags["note"]) : "",
    };
  } catch (error) {
    const note = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { when: "", name, suites: "", scale: "", engine: "", commit: "", done: "", left: "", found: "", note };
  }
}

const MOST_BYTES = 1000;
const LINE_LETTERS = 100;

/** As the run's report last said it; empty where there is none yet. */
function headlineOf(folder: string): string {
  try {
    const bytes = host.files.readBytes(join(folder, HEADLINE_FILE), MOST_BYTES);
    return visible(new TextDecoder().decode(bytes).trim());
  } catch (error) {
    if (error instanceof FileError) return "";
    throw error;
  }
}

function lastEnvironment({ environments }: Manifest): Environment | undefined {
  return Object.values(environments).at(-1);
}

function commitOf(environment: Environment | undefined): string {
  const { gitCommit, gitDirty } = environment ?? {};
  return gitCommit === undefined ? "" : `${gitCommit.slice(0, 8)}${gitDirty === true ? "+" : ""}`;
}

/** Processes that a resume would run; "?" where the program that began the run knew other suites, flags or data. */
async function leftOf({ folder, manifest, records }: LoadedRun): Promise<number | "?"> {
  if (manifest.finishedAt !== undefined) return 0;
  const { expand } = await import("#runner/expand");
  const { isModulePath } = await import("#runner/modules");
  const { planAtoms, remainingAtoms } = await import("#runner/plan");
  const { findDatasets } = await import("#data/sets/registry");
  const { engines } = await import("#engine/registry");
  try {
    const flags = flagsOfRun(folder);
    const { id: engine } = engines.get(lastEnvironment(manifest)?.engine ?? flags.engine ?? "");
    const { scale = "smoke", ...rest } = flags;
    const { contender: contenders = [] } = flags;
    if ([...contenders, ...(flags.suite ?? [])].some(isModulePath)) return "?"; // a list runs no code of files that a manifest names
    const { readContenders } = await import("./contenders-given.ts");
    const { programs } = await readContenders(contenders);
    const planned = expand(
      manifest.suites.map((id) => suites.get(id)),
      { ...rest, scale, engine, programs, found: findDatasets(flags.dataDir) },
    );
    const given = programs.map((program) => program.given);
    return remainingAtoms(planAtoms(planned, given), records, false).length;
  } catch {
    return "?";
  }
}

/** @throws {UsageError} not one of the runs under results/runs @throws {StoreError} a process is writing to it */
function removeRun(name: string): void {
  const folder = findRun(name);
  if (dirname(folder) !== resolve(RUNS_FOLDER))
    throw new UsageError(`${folder} is not under ${RUNS_FOLDER}; only runs there are removed.`);
  const release = takeLock(runPaths(folder).lock);
  if (lstatSync(folder).isSymbolicLink()) release();
  rmSync(folder, { recursive: true });
  console.log(`removed ${folder}`);
}

async function showRun(folder: string): Promise<void> {
  const run = loadRun(folder);
  for (const warning of run.warnings) console.error(`warning: ${warning}`);
  const { manifest } = run;
  const environment = lastEnvironment(manifest);
  const left = await leftOf(run);
  const [{ evidenceOf }, { answerOf }, { resultsText }, { runTitle }] = await Promise.all([
    import("#evidence/evidence"),
    import("#report/answer"),
    import("#report/terminal-table"),
    import("#report/run-title"),
  ]);
  const evidence = evidenceOf([run]);
  const results = evidence.results.filter(({ stale }) => !stale);
  const facts = {
    what: runTitle({
      suites: [...new Set(results.map(({ case: { suite } }) => suite))],
      scales: [manifest.scale],
      environments: Object.values(manifest.environments),
    }),
    run: folder,
    command: manifest.command,
    note: String(manifest.flags["note"] ?? ""),
    began: manifest.startedAt,
    ended: manifest.finishedAt ?? "",
    commit: commitOf(environment),
    left:
      left === 0
        ? ""
        : left === "?"
          ? "unknown: this version does not know all that the run asks for"
          : counted(left, "process", "processes"),
    "go on": left === 0 ? "" : `lightnet-bench run --resume ${quoted(folder)}${codeFlags(flagsOfRun(folder))}`,
  };
  for (const [name, value] of Object.entries(facts))
    if (value !== "") console.log(`${name.padEnd(8)} ${visible(value)}`);
  for (const sentence of answerOf(evidence).sentences) console.log(`\n${wrap(sentence, LINE_LETTERS).join("\n")}`);
  console.log(`\n${resultsText(results, evidence.ratios)}`);
}
