// The correctness check of a run: every form of its cases against the float64 reference, on this engine, before anything is timed.
// What passed or failed is kept beside the records, with the code and the machine: a resumed run does not check it again.

import { z } from "zod";
import { EnvironmentError, HarnessError } from "#base/errors";
import { hashJson } from "#base/json";
import type { Seconds } from "#base/units";
import { host } from "#host/current";
import { FileError } from "#host/host";
import { writable } from "#store/files";
import type { Environment } from "#store/record";
import { groupBy } from "#base/group";
import type { RunEvents } from "./activity.ts";
import { runChild } from "./child-process.ts";
import { codeHash } from "./code-hash.ts";
import { gateItemOf, gateKey } from "./gate-items.ts";
import type { RunOptions } from "./options.ts";
import type { Atom } from "./plan.ts";
import type { Slot } from "./slot.ts";
import { gateResultSchema, type GateItem, type GateResult } from "./protocol.ts";

/** One form may take so long; a GPU that is emulated compiles for minutes. */
const FORM_LIMIT: Seconds = 600;

const keptSchema = z.strictObject({ codeHash: z.string(), machine: z.string(), result: gateResultSchema });

/** Results by `gateKey`. */
export type CorrectnessResults = ReadonlyMap<string, GateResult>;

/** @throws {EnvironmentError} the check itself did not end */
export async function checkCorrectness(
  atoms: readonly Atom[],
  { options, environment, signal, events, slots }: CheckTools,
): Promise<CorrectnessResults> {
  const items = atoms.flatMap(({ cases }) => cases.flatMap((item) => gateItemOf(item) ?? []));
  const wanted = new Map(items.map((item) => [gateKey(item), item]));
  const conditions = { codeHash: codeHash({ kind: "gate", engine: options.engine }), machine: machineOf(environment) };
  const file = host.files.join(options.folder, "correctness.jsonl");
  const results = new Map(readKept(file, conditions).filter(([key]) => wanted.has(key)));
  const open = [...wanted].filter(([key]) => !results.has(key)).map(([, item]) => item);
  const total = open.length;
  if (total === 0) return results;
  let done = 0;
  const onResult = (result: GateResult) => {
    done++;
    results.set(gateKey(result.item), result);
    keep(file, { ...conditions, result });
    events.onActivity({ phase: "checking correctness", contender: open[done]?.spec.op, done, total });
  };
  events.onActivity({ phase: "checking correctness", contender: open[0]!.spec.op, done: 0, total });
  const groups = [...groupBy(open, ({ spec }) => hashJson(spec)).values()]; // a form is checked once, in one child
  const shares = slots.map((_, slot) => groups.filter((_group, index) => index % slots.length === slot).flat());
  await Promise.all(slots.map((slot, index) => check(shares[index]!, { options, signal, slot }, onResult)));
  return results;
}

export interface CheckTools {
  readonly options: RunOptions;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly events: Pick<RunEvents, "onActivity">;
  /** where forms are checked, side by side */
  readonly slots: readonly Slot[];
}

async function check(
  items: readonly GateItem[],
  { options, signal, slot }: Pick<CheckTools, "options" | "signal"> & { slot: Slot },
  onResult: (result: GateResult) => void,
): Promise<void> {
  if (items.length === 0) return;
  const { engine, gpuAdapter, threads, memoryLimit } = options;
  const limits = { timeoutSeconds: FORM_LIMIT, memoryLimitBytes: memoryLimit, signal, slot };
  let done = 0;
  const { failure, log } = await runChild(
    { type: "gate", engine, gpuAdapter, threads, items: [...items], modules: [...(options.modules ?? [])] },
    limits,
    (reply) => {
      if (reply.type !== "checked") return;
      done++;
      onResult(reply.result);
    },
  );
  if (signal.aborted) return;
  if (failure !== undefined) throw new EnvironmentError(`The correctness check ended early: ${failure.reason}\n${log}`);
  if (done < items.length) throw new HarnessError("E_GATE", "the correctness check ended without a result");
}

/** What decides beside the code whether a form is computed right: the machine and the packages, not the commit, nor how well a page can measure. */
function machineOf({ gitCommit: _commit, gitDirty: _dirty, page: _page, ...machine }: Environment): string {
  return hashJson(machine);
}

function keep(file: string, line: z.infer<typeof keptSchema>): void {
  writable(file, "Make room, and continue with --resume.", () => {
    const open = host.files.appendTo(file);
    try {
      open.append([`${JSON.stringify(line)}\n`]);
    } finally {
      open.close();
    }
  });
}

/** Results under the same conditions; a line that a kill cut off, or that is no such line, counts for nothing. */
function readKept(
  file: string,
  { codeHash: code, machine }: { codeHash: string; machine: string },
): [string, GateResult][] {
  return linesOf(file).flatMap((line) => {
    const kept = keptSchema.safeParse(parsed(line)).data;
    return kept?.codeHash === code && kept.machine === machine ? [[gateKey(kept.result.item), kept.result]] : [];
  });
}

const LONGEST_LINE = 2 ** 20;

/** Of a file that may be missing, or no text at all. */
function linesOf(file: string): string[] {
  try {
    if (host.files.kind(file) !== "file") return [];
    return [...host.files.lines(file, LONGEST_LINE)].map(({ text }) => text);
  } catch (error) {
    if (error instanceof FileError) return [];
    throw error;
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
