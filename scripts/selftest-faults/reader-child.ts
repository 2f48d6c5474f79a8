// One process that reads damaged files, a batch after the other, with the code of the command line itself. It says before
// each one which it is, so that the parent knows what it hung or died on.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "#cli/main";
import { EXIT, HarnessError } from "#base/errors";
import { mutate } from "./mutations.ts";
import { traceIn } from "./processes.ts";
import { READERS, type Reader } from "./readers.ts";

export interface Batch {
  readonly reader: string;
  readonly indices: readonly number[];
  readonly seed: number;
  /** folder of a sound run */
  readonly run: string;
}

export type Word =
  | { readonly type: "begins"; readonly index: number; readonly what: string }
  | { readonly type: "ended"; readonly index: number; readonly what: string; readonly problem?: string; readonly seconds: number; readonly isRefused: boolean }
  | { readonly type: "unsound"; readonly problem: string }
  | { readonly type: "all"; readonly peakBytes: number }; // prettier-ignore

const CODES: readonly number[] = Object.values(EXIT);

process.on("message", (batch: Batch) => void work(batch).then(() => process.disconnect()));

async function work({ reader: name, indices, seed, run }: Batch): Promise<void> {
  const reader = READERS.find((candidate) => candidate.name === name)!;
  const folder = mkdtempSync(join(tmpdir(), "lightnet-reader-"));
  const path = await reader.prepare(folder, run);
  process.chdir(folder);
  const sound = readFileSync(path);
  let said = "";
  const keep = (text: string | Uint8Array) => {
    said += String(text);
    return true;
  };
  process.stdout.write = keep as typeof process.stdout.write;
  process.stderr.write = keep as typeof process.stderr.write;
  for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(0);
  process.on("unhandledRejection", (error) => (said += `unhandled\n    at ${String(error)}:1:1\n`));

  for (const [reading, index] of reader.readings.map((_, i) => [i, -1] as const)) {
    said = "";
    const { problem, isRefused } = await attempt(reader, path, { index: reading, said: () => said });
    if (problem !== undefined || isRefused)
      tell({ type: "unsound", problem: `${String(index)} ${String(reading)}: ${problem ?? said}` });
  }
  for (const index of indices) {
    writeFileSync(path, mutate(sound, seed + index));
    rmSync(join(folder, "out"), { recursive: true, force: true });
    said = "";
    const what = describe(reader, index);
    tell({ type: "begins", index, what });
    const began = process.cpuUsage();
    const { problem, isRefused } = await attempt(reader, path, { index, said: () => said });
    const { user, system } = process.cpuUsage(began);
    tell({
      type: "ended",
      index,
      what,
      ...(problem === undefined ? {} : { problem }),
      seconds: (user + system) / 1e6,
      isRefused,
    });
  }
  process.chdir(tmpdir());
  rmSync(folder, { recursive: true, force: true });
  tell({ type: "all", peakBytes: process.resourceUsage().maxRSS * 1024 });
}

function tell(word: Word): void {
  process.send!(word);
}

function describe({ readings }: Reader, index: number): string {
  const reading = readings[index % readings.length]!;
  return typeof reading === "function" ? reading.name : reading.slice(0, 2).join(" ");
}

interface Attempt {
  readonly index: number;
  readonly said: () => string;
}

/** One reading. A refusal in one line is right, and so is an answer; all else is a problem. */
async function attempt(
  { readings }: Reader,
  path: string,
  { index, said }: Attempt,
): Promise<{ problem?: string; isRefused: boolean }> {
  const reading = readings[index % readings.length]!;
  process.exitCode = 0;
  try {
    if (typeof reading === "function") await reading(path);
    else await main(reading);
  } catch (error) {
    if (error instanceof HarnessError) return { isRefused: true };
    return { problem: error instanceof Error ? (error.stack ?? error.message) : String(error), isRefused: false };
  } finally {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const code = Number(process.exitCode);
  process.exitCode = 0;
  const trace = traceIn(said());
  if (trace !== undefined) return { problem: `a trace: ${said().slice(0, 600)}`, isRefused: false };
  if (!CODES.includes(code)) return { problem: `exit code ${code}`, isRefused: false };
  return { isRefused: [EXIT.regression, EXIT.usage, EXIT.environment].some((refusal) => refusal === code) };
}
