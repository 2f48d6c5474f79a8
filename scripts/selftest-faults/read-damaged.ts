// Gives damaged files to every reader, in processes that are watched for time and memory.

import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Batch, Word } from "./reader-child.ts";
import { READERS } from "./readers.ts";
import type { Ledger } from "./trial.ts";

/** Limits of the self-test: processor time of one reading, and memory of a process that reads. */
const MOST_SECONDS = 10;
export const MOST_BYTES = 500e6;
/** A reading that waits for something takes no processor time; on a busy machine a fair one takes long. */
const SILENCE_MS = 60_000;
/** Readings of one process: long enough to forget its start, short enough that leftovers do not add up. */
const BATCH = 25;
const POLL_MS = 50;

export interface Damage {
  readonly mutations: number;
  readonly seed: number;
  readonly ledger: Ledger;
  /** folder of a sound run */
  readonly run: string;
  /** names of readers; all where there is none */
  readonly only?: string;
}

export async function readDamaged({ mutations, seed, ledger, run, only }: Damage): Promise<void> {
  for (const { name } of READERS.filter((reader) => only === undefined || reader.name === only)) {
    const section = `reader ${name}`;
    const todo = Array.from({ length: mutations }, (_, i) => i).filter((i) => !ledger.has(section, i));
    while (todo.length > 0) {
      const done = await readBatch({ reader: name, indices: todo.slice(0, BATCH), seed, run }, ledger);
      todo.splice(0, done);
    }
  }
}

/** Returns how many mutations are settled; one that a process hung or died on is settled too. */
function readBatch(batch: Batch, ledger: Ledger): Promise<number> {
  const section = `reader ${batch.reader}`;
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL("./reader-child.js", import.meta.url)), { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    let settled = 0;
    let now = { index: batch.indices[0]!, what: "start" };
    let peak = 0;
    let lastWord = performance.now();
    let killedFor: string | undefined;
    let said = "";
    child.stderr!.on("data", (part: Buffer) => (said = (said + part.toString()).slice(-2000)));
    const watch = setInterval(() => {
      peak = Math.max(peak, residentBytes(child.pid!));
      if (performance.now() - lastWord > SILENCE_MS) killedFor ??= `no end within ${SILENCE_MS / 1000} s`;
      if (peak > 4 * MOST_BYTES) killedFor ??= `${Math.round(peak / 1e6)} MB of memory`;
      if (killedFor !== undefined) child.kill("SIGKILL");
    }, POLL_MS);
    child.on("message", (word: Word) => {
      lastWord = performance.now();
      if (word.type === "unsound") reject(new Error(`${section} refuses the sound file: ${word.problem}`));
      if (word.type === "begins") {
        now = word;
        peak = 0;
      }
      if (word.type === "ended") {
        peak = Math.max(peak, residentBytes(child.pid!));
        const problem = word.problem ?? beyond(word.seconds, peak);
        const { index, what, seconds } = word;
        ledger.add({ section, index, what: `${what}${word.isRefused ? ", refused" : ""}`, seconds, peakBytes: peak, ...(problem === undefined ? {} : { problem }) });
        settled++;
      }
    });
    child.on("exit", () => {
      clearInterval(watch);
      if (settled < batch.indices.length) {
        const { index, what } = now;
        ledger.add({ section, index, what, peakBytes: peak, problem: killedFor ?? `the process died: ${said.slice(-600)}` });
        settled++;
      }
      resolve(settled);
    });
    child.send(batch);
  });
} // prettier-ignore

function beyond(seconds: number, peak: number): string | undefined {
  if (seconds > MOST_SECONDS) return `${seconds.toFixed(1)} s of processor time`;
  return peak > MOST_BYTES ? `${Math.round(peak / 1e6)} MB of memory` : undefined;
}

function residentBytes(pid: number): number {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0; // it has just ended
  }
}
