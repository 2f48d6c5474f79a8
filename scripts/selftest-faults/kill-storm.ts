// Kills at random moments: the parent, a child, or the whole group; by SIGTERM, SIGINT or SIGKILL; while a run measures,
// trains or writes a checkpoint, and while a report is written. What was finished stays as it was, byte by byte; nothing
// counts twice; no process outlives its parent by two seconds; and in the end all cases are there.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "#base/random";
import { orphansOf, run, start, traceIn, type Command, type Ended } from "./processes.ts";
import { announced, casesOf, countedTwice, finishedAtoms, finishedBytes, learned, MEASURING, resume, TRAINING } from "./small-runs.ts"; // prettier-ignore
import type { Ledger } from "./trial.ts";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGKILL"] as const;
const TARGETS = ["parent", "child", "group"] as const;
/** A kill falls between these two after the start. */
const SHORTEST_SECONDS = 0.05;
const LONGEST_SECONDS = 6;
/** A run that was told to stop may finish a step and a checkpoint. */
const PATIENCE_SECONDS = 40;

export interface Storm {
  readonly kills: number;
  readonly seed: number;
  readonly ledger: Ledger;
}

interface Kind {
  readonly section: string;
  readonly args: readonly string[];
  /** resolves at the moment to kill */
  readonly moment: (folder: string, random: Random) => Promise<void>;
  /** compares the finished run with an undisturbed one; a problem or nothing */
  readonly judge: (folder: string, undisturbed: string) => string | undefined;
}

const KINDS: readonly Kind[] = [
  { section: "kill measuring", args: MEASURING, moment: anyMoment, judge: sameCells },
  { section: "kill training", args: TRAINING, moment: anyMoment, judge: sameLearning },
  { section: "kill checkpoint", args: TRAINING, moment: whileCheckpoint, judge: sameLearning },
];

/** About half of the kills fall on measuring, a sixth each on training, checkpoints and reports. */
export async function killStorm({ kills, seed, ledger }: Storm): Promise<void> {
  const shares = [Math.ceil(kills / 2), Math.ceil(kills / 6), Math.ceil(kills / 6)];
  for (const [index, kind] of KINDS.entries()) await storm(kind, { kills: shares[index]!, seed, ledger });
  await reportStorm({ kills: Math.ceil(kills / 6), seed, ledger });
}

async function storm(kind: Kind, { kills, seed, ledger }: Storm): Promise<void> {
  const todo = Array.from({ length: kills }, (_, i) => i).filter((i) => !ledger.has(kind.section, i));
  if (todo.length === 0) return;
  const top = mkdtempSync(join(tmpdir(), "lightnet-faults-"));
  const undisturbed = join(top, "undisturbed");
  const reference = await run([...kind.args, "--out", undisturbed], { cwd: top });
  if (reference.code !== 0) throw new Error(`the undisturbed run ended with ${reference.code}\n${reference.stderr}`);
  let folder = "";
  for (const index of todo) {
    const random = new Random(seed).fork(`${kind.section} ${index}`);
    if (folder === "") folder = join(top, `run-${index}`);
    const { what, problem, isComplete } = await oneKill(kind, { folder, top, random, undisturbed });
    ledger.add({ section: kind.section, index, what, ...(problem === undefined ? {} : { problem }) });
    if (isComplete || problem !== undefined) folder = "";
  }
  const last = folder === "" ? undefined : await complete(kind, folder, { top, undisturbed });
  if (last !== undefined) ledger.add({ section: kind.section, index: kills, what: "the last resume", problem: last });
  rmSync(top, { recursive: true, force: true });
}

interface KillPlace {
  readonly folder: string;
  readonly top: string;
  readonly random: Random;
  readonly undisturbed: string;
}

async function oneKill(kind: Kind, { folder, top, random, undisturbed }: KillPlace) {
  const signal = SIGNALS[random.integer(SIGNALS.length)]!;
  const target = TARGETS[random.integer(TARGETS.length)]!;
  const isNew = !existsSync(join(folder, "manifest.json"));
  const before = finishedBytes(folder);
  const atomsBefore = finishedAtoms(folder);
  const command = start(isNew ? [...kind.args, "--out", folder] : resume(folder), { cwd: top });
  await Promise.race([kind.moment(folder, random), command.ended]);
  const hit = strike(command, { target, signal, random });
  // A child that is killed leaves the parent running; a moment later the parent is killed as well.
  if (hit === "child") {
    await Promise.race([sleep(1000 * random.uniform()), command.ended]);
    command.kill(command.pid, "SIGKILL");
  }
  const ended = await Promise.race([command.ended, sleep(1000 * PATIENCE_SECONDS, undefined)]);
  const what = `${signal} to the ${hit}`;
  if (ended === undefined) {
    command.kill(-command.pid, "SIGKILL");
    return { what, problem: `still alive ${PATIENCE_SECONDS} s after the signal`, isComplete: true };
  }
  const orphans = await orphansOf(command.pid);
  const isComplete = ended.code === 0 || ended.code === 2;
  const problem =
    afterKill(ended, { folder, before, atomsBefore, orphans, hit }) ??
    (isComplete ? await complete(kind, folder, { top, undisturbed }) : undefined);
  return { what, problem, isComplete };
}

interface Strike {
  readonly target: (typeof TARGETS)[number];
  readonly signal: NodeJS.Signals;
  readonly random: Random;
}

/** Sends the signal; without a child the parent gets it. Returns who got it. */
function strike(command: Command, { target, signal, random }: Strike): (typeof TARGETS)[number] {
  const children = target === "child" ? command.children() : [];
  if (children.length > 0) {
    command.kill(children[random.integer(children.length)]!, signal);
    return "child";
  }
  command.kill(target === "group" ? -command.pid : command.pid, signal);
  return target === "group" ? "group" : "parent";
}

interface Facts {
  readonly folder: string;
  readonly before: Buffer;
  readonly atomsBefore: number;
  readonly orphans: readonly number[];
  readonly hit: (typeof TARGETS)[number];
}

function afterKill({ code, stderr }: Ended, { folder, before, atomsBefore, orphans, hit }: Facts): string | undefined {
  if (orphans.length > 0) return `${orphans.length} processes outlived their parent by 2 s`;
  const trace = traceIn(stderr);
  if (trace !== undefined) return `a trace: ${trace}`;
  // 4: the child that was killed looked for the engine or checked the operators, which no run goes on without
  if (![null, 0, 2, 130, 143, ...(hit === "child" ? [4] : [])].includes(code))
    return `exit code ${code}: ${stderr.slice(-300)}`;
  const after = finishedBytes(folder);
  if (!after.subarray(0, before.length).equals(before)) return "finished cases changed";
  const lost = atomsBefore + announced(stderr) - finishedAtoms(folder);
  if (lost > 0) return `${lost} cases were announced and are not in records.jsonl`;
  return existsSync(join(folder, "manifest.json")) && countedTwice(folder) > 0 ? "rounds count twice" : undefined;
}

/** Brings a run to its end and looks at all of it. */
async function complete(
  kind: Kind,
  folder: string,
  { top, undisturbed }: { readonly top: string; readonly undisturbed: string },
): Promise<string | undefined> {
  // prettier-ignore
  const isNew = !existsSync(join(folder, "manifest.json"));
  const args = isNew ? [...kind.args, "--out", folder] : [...resume(folder), "--retry-failed"];
  const ended = await run(args, { cwd: top });
  if (ended.code !== 0) return `the last resume ended with ${ended.code}: ${ended.stderr.slice(-500)}`;
  const twice = countedTwice(folder);
  return twice > 0 ? `${twice} rounds count twice` : kind.judge(folder, undisturbed);
}

function sameCells(folder: string, undisturbed: string): string | undefined {
  return casesOf(folder).join() === casesOf(undisturbed).join() ? undefined : "other cases than an undisturbed run";
}

function sameLearning(folder: string, undisturbed: string): string | undefined {
  return learned(folder) === learned(undisturbed) ? undefined : "other curve or scores than an undisturbed run";
}

async function anyMoment(_folder: string, random: Random): Promise<void> {
  await sleep(1000 * SHORTEST_SECONDS * (LONGEST_SECONDS / SHORTEST_SECONDS) ** random.uniform());
}

/** When something changes among the checkpoints, or after the longest wait. */
async function whileCheckpoint(folder: string, random: Random): Promise<void> {
  const checkpoints = join(folder, "checkpoints");
  mkdirSync(checkpoints, { recursive: true });
  const changes = 1 + random.integer(3);
  const controller = new AbortController();
  await Promise.race([
    sleep(3000 * LONGEST_SECONDS, undefined, { signal: controller.signal }).catch(() => undefined),
    new Promise<void>((resolve) => {
      let seen = 0;
      watch(checkpoints, { signal: controller.signal }, () => {
        if (++seen >= changes) resolve();
      });
    }),
  ]);
  controller.abort();
}

/** A report is made anew from records: after a kill its files are whole or absent, and the next one makes them all. */
async function reportStorm({ kills, seed, ledger }: Storm): Promise<void> {
  const section = "kill report";
  const todo = Array.from({ length: kills }, (_, i) => i).filter((i) => !ledger.has(section, i));
  if (todo.length === 0) return;
  const top = mkdtempSync(join(tmpdir(), "lightnet-faults-"));
  const source = join(top, "run");
  await run([...MEASURING, "--out", source], { cwd: top });
  const whole = join(top, "whole");
  const began = performance.now();
  await run(["report", "--run", source, "--out", whole], { cwd: top });
  const usual = performance.now() - began;
  for (const index of todo) {
    const random = new Random(seed).fork(`${section} ${index}`);
    const out = join(top, `report-${index}`);
    const signal = SIGNALS[random.integer(SIGNALS.length)]!;
    const command = start(["report", "--run", source, "--out", out], { cwd: top });
    await Promise.race([sleep(usual * random.uniform()), command.ended]);
    command.kill(command.pid, signal);
    const ended = await command.ended;
    const problem =
      (traceIn(ended.stderr) === undefined ? undefined : "a trace") ??
      brokenFile(out) ??
      (await again(["report", "--run", source, "--out", out], { top, whole, out }));
    ledger.add({ section, index, what: `${signal} to the report`, ...(problem === undefined ? {} : { problem }) });
  }
  rmSync(top, { recursive: true, force: true });
}

async function again(
  args: readonly string[],
  { top, whole, out }: { readonly top: string; readonly whole: string; readonly out: string },
): Promise<string | undefined> {
  // prettier-ignore
  const ended = await run(args, { cwd: top });
  if (ended.code !== 0) return `the next report ended with ${ended.code}`;
  const missing = filesIn(whole).filter((path) => !existsSync(join(out, path)));
  return missing.length === 0 ? undefined : `the next report lacks ${missing.join(", ")}`;
}

function filesIn(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8", withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    : [];
}

/** A file under its final name that ends too early. */
function brokenFile(folder: string): string | undefined {
  const ends: Readonly<Record<string, string>> = { html: "</html>", png: "IEND", csv: "\n" };
  return filesIn(folder).find((path) => {
    const end = ends[path.split(".").at(-1)!];
    return end !== undefined && !readFileSync(join(folder, path)).subarray(-16).includes(end);
  });
}
