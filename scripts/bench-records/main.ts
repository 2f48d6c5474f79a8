// How a large run is read, and a large plan listed: time and memory of every command that does it, each in a process of its own.
//
//   npm run bench:records -- [--records 100000] [--planned 1000000] [--only report] [--keep folder] [--out file.json]
//
// results/published/<machine>/bench-records/result.json is what `--out` wrote on an idle machine; docs/cluster.md shows it.

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { systemClock } from "#base/clock";
import type { Seconds } from "#base/units";
import { packageRoot } from "#host/package";
import { expand } from "#runner/expand";
import { planAtoms } from "#runner/plan";
import { findDatasets } from "#data/sets/registry";
import { writeFileAtomic } from "#store/files";
import { RUNS_FOLDER } from "#store/layout";
import { RunWriter } from "#store/writer";
import { allSuites } from "../../suites/index.ts";
import { benchMachine } from "../bench-machine.ts";
import type { BenchResult, Reading } from "./result.ts";
import { simulatedAtoms, simulatedManifest } from "./simulate.ts";
import { benchText, readingCells } from "./text.ts";

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "100000" },
    planned: { type: "string", default: "1000000" },
    out: { type: "string" },
    only: { type: "string" },
    keep: { type: "string" },
  },
});
const [records, planned] = [values.records, values.planned].map(Number) as [number, number];
const folder = values.keep ?? mkdtempSync(join(tmpdir(), "bench-records-"));
const names = ["before", "after"] as const;

if (values.keep === undefined || statSync(join(folder, RUNS_FOLDER), { throwIfNoEntry: false }) === undefined)
  names.forEach((name, seed) => writeRun(join(folder, RUNS_FOLDER, name), name, seed));

const COMMANDS: readonly (readonly [string, ...string[]])[] = [
  ["report", "--run", "before", "--out", "report"],
  ["tables", "--run", "before"],
  ["compare", "before", "after", "--fail-on", "none"],
  ["run", "--resume", "before", "--dry-run"],
  ["run", "--resume", "before", "--quiet"],
  ["run", "--suite", join(packageRoot(), "scripts/bench-records/planned-suite.mjs"), "--engine", "wasm", "--dry-run"],
  ["runs"],
  ["show", "before"],
];

const machine = benchMachine();
const readings: Reading[] = [];
for (const command of COMMANDS.filter(([name]) => values.only === undefined || values.only === name)) {
  readings.push(await measure(command));
  console.error(readingCells(readings.at(-1)!).join("  "));
}
const result: BenchResult = {
  ...machine,
  records,
  recordBytes: statSync(join(folder, RUNS_FOLDER, "before", "records.jsonl")).size,
  pageBytes: statSync(join(folder, "report", "report.html"), { throwIfNoEntry: false })?.size,
  planned,
  readings,
};
console.log(benchText(result));
if (values.out !== undefined) writeFileAtomic(values.out, `${JSON.stringify(result, undefined, 2)}\n`);
if (values.keep === undefined) rmSync(folder, { recursive: true });

function writeRun(path: string, name: string, seed: number): void {
  const suites = expand(allSuites, { scale: "small", engine: "wasm", found: findDatasets(undefined) });
  const writer = RunWriter.open(path);
  writer.writeManifest(
    simulatedManifest(
      name,
      suites.map(({ suite }) => suite.id),
    ),
  );
  let ready = [];
  for (const lines of simulatedAtoms(planAtoms(suites), records, seed)) {
    ready.push(...lines);
    if (ready.length < 1000) continue;
    writer.appendAtom(ready);
    ready = [];
  }
  writer.appendAtom(ready);
  writer.close();
}

/** The process itself says at its end how large it has been. */
async function measure(command: readonly string[]): Promise<Reading> {
  const hook = `data:text/javascript,import{writeSync}from"node:fs";process.on("exit",()=>{const u=process.resourceUsage();writeSync(3,JSON.stringify([u.maxRSS,(u.userCPUTime+u.systemCPUTime)/1e6]))})`;
  const began = systemClock.now();
  const { stdio, exitCode, stderr } = await execa(
    process.execPath,
    ["--import", hook, join(packageRoot(), "bin/lightnet-bench.js"), ...command],
    { cwd: folder, env: { BENCH_CASES: String(planned) }, reject: false, stdio: ["ignore", "ignore", "pipe", "pipe"] },
  );
  if (exitCode !== 0) console.error(stderr.slice(-2000));
  const [kibibytes, processorSeconds] = JSON.parse(String(stdio[3])) as [number, Seconds];
  return {
    command: command.map((word) => basename(word)).join(" "),
    seconds: systemClock.now() - began,
    processorSeconds,
    peakBytes: 1024 * kibibytes,
    exitCode,
  };
}
