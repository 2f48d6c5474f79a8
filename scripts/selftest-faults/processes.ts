// The real command in a session of its own, so that everything it started can be found again. Linux: /proc tells.

import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { packageRoot } from "#host/package";

const BIN = join(packageRoot(), "bin", "lightnet-bench.js");
/** After the death of a parent its children have this long. */
export const ORPHAN_SECONDS = 2;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Command {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** stderr so far */
  said(): string;
  /** processes of its session but itself */
  children(): number[];
  kill(pid: number, signal: NodeJS.Signals): void;
}

export interface StartOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** largest file that it may write, in bytes (RLIMIT_FSIZE) */
  readonly fileLimit?: number;
}

/** Starts `lightnet-bench` with these arguments. */
export function start(args: readonly string[], { cwd, env = {}, fileLimit }: StartOptions): Command {
  const limited = fileLimit === undefined ? [] : ["prlimit", `--fsize=${fileLimit}`];
  const [program, ...rest] = [...limited, process.execPath, BIN, ...args];
  const child = spawn(program!, rest, {
    cwd,
    detached: true, // a session and a process group of its own
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", ...env },
  });
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  const pid = child.pid ?? 0;
  return {
    pid,
    ended: endOf(child).then(([code, signal]) => ({ code, signal, stdout: stdout(), stderr: stderr() })),
    said: stderr,
    children: () => sessionMembers(pid).filter((member) => member !== pid),
    kill: (target, signal) => {
      try {
        process.kill(target, signal);
      } catch {
        // it has just ended
      }
    },
  };
}

/** Runs the command to its end. */
export function run(args: readonly string[], options: StartOptions): Promise<Ended> {
  return start(args, options).ended;
}

function textOf(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.on("data", (part: Buffer) => (text += part.toString()));
  return () => text;
}

function endOf(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => setImmediate(() => resolve([code, signal])));
  });
}

/** Living processes of a session, zombies apart. */
export function sessionMembers(session: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        // pid (name) state ppid group session …: the name may hold anything
        const [state, , , found] = readFileSync(`/proc/${pid}/stat`, "utf8")
          .replace(/^.*\) /s, "")
          .split(" ");
        return Number(found) === session && state !== "Z";
      } catch {
        return false; // it has just ended
      }
    });
}

/** What is left of a session so long after its leader's end; it is ended then. */
export async function orphansOf(session: number): Promise<number[]> {
  const deadline = performance.now() + 1000 * ORPHAN_SECONDS;
  while (sessionMembers(session).length > 0 && performance.now() < deadline) await sleep(50);
  const orphans = sessionMembers(session);
  for (const pid of orphans) process.kill(pid, "SIGKILL");
  return orphans;
}

/** A trace is what a person must never see: lines that begin with "at" and name a place in code. */
export function traceIn(text: string): string | undefined {
  return /^.*\n\s+at .*(?::\d+:\d+|node:internal).*$/m.exec(text)?.[0];
}
