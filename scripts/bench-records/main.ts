// How a large run is read: time and memory of every command that reads it, each in a process of its own.
//
//   npm run bench:records -- [--records 100000] [--only report] [--keep folder] [--out file.json]

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { systemClock } from "#base/clock";
import { markdownTable } from "#base/markdown";
import { formatBytes, formatSeconds, type Bytes, type Seconds } from "#base/units";
import { packageRoot } from "#host/package";
import { expand } from "#runner/expand";
import { planAtoms } from "#runner/plan";
import { findDatasets } from "#data/sets/registry";
import { writeFileAtomic } from "#store/files";
import { RUNS_FOLDER } from "#store/layout";
import { RunWriter } from "#store/writer";
import { allSuites } from "../../suites/index.ts";
import { simulatedAtoms, simulatedManifest } from "./simulate.ts";

interface Reading {
  readonly command: string;
  readonly seconds: Seconds;
  /** of the processor, user and system: what the command needs where nothing else runs */
  readonly processorSeconds: Seconds;
  readonly peakBytes: Bytes;
  readonly exitCode: number | undefined;
}

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "100000" },
    out: { type: "string" },
    only: { type: "string" },
    keep: { type: "string" },
  },
});
const records = Number(values.records);
const folder = values.keep ?? mkdtempSync(join(tmpdir(), "bench-records-"));
const names = ["before", "after"] as const;

if (values.keep === undefined || statSync(join(folder, RUNS_FOLDER), { throwIfNoEntry: false }) === undefined)
  names.forEach((name, seed) => writeRun(join(folder, RUNS_FOLDER, name), name, seed));

const COMMANDS: readonly (readonly [string, ...string[]])[] = [
  ["report", "--run", "before", "--out", "report"],
  ["tables", "--run", "before"],
  ["compare", "before", "after", "--fail-on", "none"],
  ["run", "--resume", "before", "--dry-run"],
  ["runs"],
  ["show", "before"],
];

const readings: Reading[] = [];
for (const command of COMMANDS.filter(([name]) => values.only === undefined || values.only === name)) {
  readings.push(await measure(command));
  console.error(rowOf(readings.at(-1)!).join("  "));
}
const sizes = {
  records,
  bytes: statSync(join(folder, RUNS_FOLDER, "before", "records.jsonl")).size,
  pageBytes: statSync(join(folder, "report", "report.html"), { throwIfNoEntry: false })?.size,
};
console.log(markdownTable(["command", "time", "processor time", "peak memory"], readings.map(rowOf)));
if (values.out !== undefined) writeFileAtomic(values.out, `${JSON.stringify({ ...sizes, readings }, undefined, 2)}\n`);
else console.log(JSON.stringify(sizes));
if (values.keep === undefined) rmSync(folder, { recursive: true });

function writeRun(path: string, name: string, seed: number): void {
  const planned = expand(allSuites, { scale: "small", engine: "wasm", found: findDatasets(undefined) });
  const writer = RunWriter.open(path);
  writer.writeManifest(
    simulatedManifest(
      name,
      planned.map(({ suite }) => suite.id),
    ),
  );
  let ready = [];
  for (const lines of simulatedAtoms(planAtoms(planned), records, seed)) {
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
    { cwd: folder, reject: false, stdio: ["ignore", "ignore", "pipe", "pipe"] },
  );
  if (exitCode !== 0) console.error(stderr.slice(-2000));
  const [kibibytes, processorSeconds] = JSON.parse(String(stdio[3])) as [number, Seconds];
  return {
    command: command.join(" "),
    seconds: systemClock.now() - began,
    processorSeconds,
    peakBytes: 1024 * kibibytes,
    exitCode,
  };
}

function rowOf({ command, seconds, processorSeconds, peakBytes, exitCode }: Reading): string[] {
  return [
    `\`${command}\`${exitCode === 0 ? "" : ` (exit ${exitCode})`}`,
    formatSeconds(seconds),
    formatSeconds(processorSeconds),
    formatBytes(peakBytes),
  ];
}
