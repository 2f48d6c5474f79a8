// What surrounds a run gives way: the disk is full, a folder is read-only, removed or moved, the clock steps, a child runs
// out of memory, hangs, or talks nonsense.

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { execaSync } from "execa";
import { EXIT } from "#base/errors";
import { packageRoot } from "#host/package";
import { loadRun } from "#store/load";
import { GARBAGE } from "./garbage.ts";
import { orphansOf, run, start, traceIn, type Ended } from "./processes.ts";
import { announced, casesOf, countedTwice, MEASURING, resume } from "./small-runs.ts";
import type { Ledger } from "./trial.ts";

interface Attempt {
  readonly section: string;
  readonly what: string;
  /** left out of the short form: it takes minutes, or another attempt is like it */
  readonly fullOnly?: boolean;
  /** @returns a problem, if there is one */
  readonly make: (folder: string) => Promise<string | undefined>;
}

const HOOKS = join(packageRoot(), "dist", "scripts", "selftest-faults", "hooks");
/** Longer lengths of the contender are not tried any more. */
const OUT_OF_MEMORY = ["oom", "skipped"];
const DAY_MS = 86_400_000;

export async function surroundings({ ledger, isShort }: { readonly ledger: Ledger; readonly isShort: boolean }) {
  const counts = new Map<string, number>();
  for (const { section, what, fullOnly, make } of ATTEMPTS) {
    const index = counts.get(section) ?? 0;
    counts.set(section, index + 1);
    if (ledger.has(section, index) || (isShort && fullOnly === true)) continue;
    const folder = mkdtempSync(join(tmpdir(), "lightnet-faults-"));
    const problem = await make(folder).catch((error: unknown) => `the trial itself failed: ${String(error)}`);
    ledger.add({ section, index, what, ...(problem === undefined ? {} : { problem }) });
    rmSync(folder, { recursive: true, force: true });
  }
}

const ATTEMPTS: readonly Attempt[] = [
  ...[64, 96, 128, 192].map((kilobytes, i) => ({
    section: "full disk",
    fullOnly: i === 1 || i === 2,
    what: `${kilobytes} kB, then room`,
    make: (folder: string) => fullDisk(folder, kilobytes),
  })),
  ...[4, 16, 40].map((kilobytes, i) => ({
    section: "file limit",
    fullOnly: i === 1,
    what: `files of at most ${kilobytes} kB, then of any size`,
    make: (folder: string) => fileLimit(folder, 1024 * kilobytes),
  })),
  { section: "read-only folder", what: "a new run", make: (folder) => readOnly(folder, (place) => [...MEASURING, "--out", place]) },
  { section: "read-only folder", what: "a report", make: readOnlyReport },
  ...(["records.jsonl removed", "folder removed", "folder moved"] as const).map((what) => ({
    section: "run folder gone",
    what,
    make: (folder: string) => folderGone(folder, what),
  })),
  ...[DAY_MS, -DAY_MS, 40 * 60_000, -3_600_000].flatMap((step, i) =>
    [2000, 5000].map((after, j) => ({
      section: "clock step",
      fullOnly: i % 2 !== j, // each step once
      what: `${step / 1000} s after ${after / 1000} s`,
      make: (folder: string) => clockStep(folder, step, after),
    })),
  ),
  { section: "child", what: "out of the heap of JavaScript", make: (folder) => childFault(folder, "heap", OUT_OF_MEMORY) },
  { section: "child", what: "over --memory-limit", make: (folder) => childFault(folder, "memory", OUT_OF_MEMORY, ["--memory-limit", "600M"]) },
  { section: "child", what: "hangs", fullOnly: true, make: (folder) => childFault(folder, "hang", ["timeout", "skipped"]) },
  { section: "child", what: "leaves without a word", make: (folder) => childFault(folder, "exit", ["failed"]) },
  { section: "child", what: "throws", make: (folder) => childFault(folder, "throw", ["failed"]) },
  { section: "channel", what: "bytes that are no message", make: (folder) => childFault(folder, "bytes", ["failed", "ok"]) },
  ...GARBAGE.map((message, index) => ({
    section: "channel",
    fullOnly: (index + 1) % 6 !== 0,
    what: JSON.stringify(message).slice(0, 80),
    make: (folder: string) => childFault(folder, `message ${index}`, ["failed", "ok"]),
  })),
]; // prettier-ignore

/** A run that ended badly says so in one line, and goes on when the cause is gone. */
async function refusedThenResumed(ended: Ended, run_: string, goOn: () => Promise<Ended>): Promise<string | undefined> {
  const problem = refused(ended);
  if (problem !== undefined) return problem;
  const { code, stderr } = await goOn();
  if (code !== EXIT.ok) return `with room again it ended with ${code}: ${stderr.slice(-300)}`;
  const twice = countedTwice(run_);
  if (twice > 0) return `${twice} rounds count twice`;
  return casesOf(run_).length === CASES ? undefined : `${casesOf(run_).length} cases in the end, not ${CASES}`;
}

/** 2 lengths × 2 contenders × 3 processes. */
const CASES = 12;

function refused({ code, stderr }: Ended): string | undefined {
  const trace = traceIn(stderr);
  if (trace !== undefined) return `a trace: ${trace}`;
  return code === EXIT.environment ? undefined : `exit code ${code}, not 4: ${stderr.slice(-300)}`;
}

async function fullDisk(folder: string, kilobytes: number): Promise<string | undefined> {
  const disk = join(folder, "disk");
  mkdirSync(disk);
  if (!mount(["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", disk])) return fileLimit(folder, 512 * kilobytes);
  try {
    const place = join(disk, "run");
    const ended = await run([...MEASURING, "--out", place], { cwd: folder });
    mount(["-o", "remount,size=64m", disk]);
    return await refusedThenResumed(ended, place, () => goOn(place, folder));
  } finally {
    execaSync("umount", [disk], { reject: false });
  }
}

function mount(args: readonly string[]): boolean {
  return execaSync({ reject: false })`mount ${args}`.exitCode === 0;
}

/** Resumes, or begins where not even a manifest was written. */
function goOn(place: string, cwd: string): Promise<Ended> {
  return run(existsSync(join(place, "manifest.json")) ? resume(place) : [...MEASURING, "--out", place], { cwd });
}

async function fileLimit(folder: string, bytes: number): Promise<string | undefined> {
  const place = join(folder, "run");
  const ended = await run([...MEASURING, "--out", place], { cwd: folder, fileLimit: bytes });
  return refusedThenResumed(ended, place, () => goOn(place, folder));
}

/** Root writes where it may not: a read-only mount holds for all. Without the right to mount, nothing is tried. */
async function readOnly(folder: string, args: (place: string) => readonly string[]): Promise<string | undefined> {
  const place = join(folder, "locked");
  mkdirSync(place);
  if (!mount(["-t", "tmpfs", "-o", "ro", "tmpfs", place])) return undefined;
  try {
    return refused(await run(args(join(place, "out")), { cwd: folder }));
  } finally {
    execaSync("umount", [place], { reject: false });
  }
}

async function readOnlyReport(folder: string): Promise<string | undefined> {
  const source = join(folder, "run");
  await run([...MEASURING, "--out", source], { cwd: folder });
  return readOnly(folder, (place) => ["report", "--run", source, "--out", place]);
}

async function folderGone(folder: string, what: string): Promise<string | undefined> {
  const place = join(folder, "run");
  const command = start([...MEASURING, "--out", place], { cwd: folder });
  while (announced(command.said()) < 2) {
    if ((await Promise.race([command.ended, sleep(20)])) !== undefined) return "the run ended before it was disturbed";
  }
  if (what === "records.jsonl removed") rmSync(join(place, "records.jsonl"));
  else if (what === "folder removed") rmSync(place, { recursive: true, force: true });
  else renameSync(place, join(folder, "elsewhere"));
  const ended = await command.ended;
  const orphans = await orphansOf(command.pid);
  return orphans.length > 0 ? "a child outlived the run" : refused(ended);
}

async function clockStep(folder: string, step: number, after: number): Promise<string | undefined> {
  const place = join(folder, "run");
  const env = { ...hook("clock-step.js"), STEP_MS: String(step), AFTER_MS: String(after) };
  const { code, stderr } = await run([...MEASURING, "--out", place], { cwd: folder, env });
  if (code !== EXIT.ok) return `exit code ${code}: ${stderr.slice(-300)}`;
  const other = casesOf(place).filter((one) => !one.endsWith(" ok"));
  return other.length === 0 ? undefined : `${other.length} cases are not ok`;
}

function hook(file: string): Record<string, string> {
  return { NODE_OPTIONS: `--import ${pathToFileURL(join(HOOKS, file)).href}` };
}

/** The first case that is worked on meets the fault: it gets one of these statuses with a reason, all others are ok. */
async function childFault(
  folder: string,
  fault: string,
  statuses: readonly string[],
  more: readonly string[] = [],
): Promise<string | undefined> {
  const place = join(folder, "run");
  const once = join(folder, "done");
  const env = { ...hook("child-fault.js"), FAULT: fault, FAULT_ONCE: once };
  const { code, stderr } = await run([...MEASURING, ...more, "--out", place], { cwd: folder, env });
  if (!existsSync(once)) return `the fault was never met: ${stderr.slice(-300)}`;
  const trace = traceIn(stderr);
  if (trace !== undefined) return `a trace: ${trace}`;
  if (code !== EXIT.ok && code !== EXIT.failedCases) return `exit code ${code}: ${stderr.slice(-300)}`;
  const bad = loadRun(place).records.filter(({ status }) => status !== "ok");
  const wrong = bad.find(
    (record) => !statuses.includes(record.status) || !("reason" in record) || record.reason === "",
  );
  if (wrong !== undefined) return `a case ended as ${wrong.status}: ${"reason" in wrong ? wrong.reason : "no reason"}`;
  if (!statuses.includes("ok") && bad.length === 0) return "no case tells of the fault";
  const cases = new Set(loadRun(place).records.map((record) => `${record.caseId} ${record.process}`));
  return cases.size === CASES ? undefined : `${cases.size} cases in the end, not ${CASES}`;
}
