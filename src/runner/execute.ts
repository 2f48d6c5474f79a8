// Carries out a plan: engine check, correctness gate, then atom after atom in child processes; every finished
// atom is on the disk before the next one starts.

import { systemClock } from "#base/clock";
import { EnvironmentError, HarnessError } from "#base/errors";
import { hashJson } from "#base/json";
import type { RunRecord } from "#store/record";
import type { RunWriter } from "#store/writer";
import type { Manifest } from "#store/record";
import { runAtom, type AtomTools } from "./atom.ts";
import { runChild } from "./child-process.ts";
import { describeEnvironment } from "./environment.ts";
import { gateItemOf, gateKey } from "./gate-items.ts";
import { engineOf, type RunOptions } from "./options.ts";
import type { Atom } from "./plan.ts";
import type { GateItem, GateResult, Reply } from "./protocol.ts";
import { Limits } from "./skips.ts";

export interface ExecutionEvents {
  onStage(text: string): void;
  onProgress(text: string): void;
  onAtom(atom: Atom, records: readonly RunRecord[], progress: { readonly done: number; readonly total: number }): void;
}

export interface Execution {
  readonly atoms: readonly Atom[];
  readonly options: RunOptions;
  readonly writer: RunWriter;
  readonly manifest: Manifest;
  /** what a resumed run already holds */
  readonly records: readonly RunRecord[];
  readonly signal: AbortSignal;
  readonly events: ExecutionEvents;
}

export interface ExecutionResult {
  /** atoms not run, or not to their end, because the run's budget was spent */
  readonly leftOver: number;
}

/** Thrown when a signal ends the run; what was finished is on the disk. */
export class InterruptedError extends HarnessError {
  override readonly name = "InterruptedError";

  constructor() {
    super("E_INTERRUPTED", "interrupted");
  }
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const START_LIMIT_SECONDS = 120;
const GATE_LIMIT_SECONDS = 600;

/** @throws {EnvironmentError} the engine is not available @throws {InterruptedError} */
export async function execute(execution: Execution): Promise<ExecutionResult> {
  const { options, writer, events, signal, atoms } = execution;
  const deadline = deadlineOf(options);
  const environment = describeEnvironment(options.engine, await probe(options, signal));
  const environmentHash = hashJson(environment);
  const manifest: Manifest = {
    ...execution.manifest,
    environments: { ...execution.manifest.environments, [environmentHash]: environment },
  };
  writer.writeManifest(manifest);
  events.onStage(`checking correctness on ${options.engine} before timing`);
  const gate = await runGate(atoms, options, signal);

  const tools: AtomTools = {
    options,
    gate,
    environmentHash,
    paths: writer.paths,
    signal,
    limits: new Limits(execution.records),
    onProgress: (text) => events.onProgress(text),
  };
  const queue = [...atoms];
  let done = 0;
  // A training may last for hours; stopped at the deadline it goes on from its checkpoint. Other cells are short and end.
  const signalFor = (atom: Atom) =>
    atom.cases.some(({ kind }) => kind === "training") ? AbortSignal.any([signal, deadline]) : signal;
  const work = async () => {
    for (let atom = queue.shift(); atom !== undefined; atom = queue.shift()) {
      const lines = deadline.aborted ? [] : await runAtom(atom, { ...tools, signal: signalFor(atom) });
      if (signal.aborted) throw new InterruptedError();
      if (lines.length === 0) {
        queue.unshift(atom);
        return;
      }
      writer.appendAtom(lines);
      done++;
      events.onAtom(atom, lines, { done, total: atoms.length });
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  if (queue.length === 0) writer.writeManifest({ ...manifest, finishedAt: systemClock.timestamp() });
  return { leftOver: queue.length };
}

/** Aborts when the run's budget is spent; never where there is none. */
function deadlineOf({ runBudgetSeconds }: RunOptions): AbortSignal {
  return runBudgetSeconds === undefined
    ? new AbortController().signal
    : AbortSignal.timeout(Math.min(1000 * runBudgetSeconds, LONGEST_TIMER_MS));
}

async function probe(options: RunOptions, signal: AbortSignal) {
  const reply = await ask({ type: "probe", ...engineOf(options) }, START_LIMIT_SECONDS, { options, signal });
  if (reply?.type === "available") return reply.device;
  throw new EnvironmentError(
    `Engine ${options.engine} is not available: ${reply?.type === "unavailable" ? reply.reason : "no answer"}. \`lightnet-bench doctor\` shows what is.`,
  );
}

/** Checks every distinct operator form of the plan once, on this engine, in a process of its own. */
async function runGate(
  atoms: readonly Atom[],
  options: RunOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, GateResult>> {
  const items = new Map<string, GateItem>();
  for (const item of atoms.flatMap((atom) => atom.cases)) {
    const gateItem = gateItemOf(item);
    items.set(gateKey(gateItem), gateItem);
  }
  if (items.size === 0) return new Map();
  const reply = await ask({ type: "gate", ...engineOf(options), items: [...items.values()] }, GATE_LIMIT_SECONDS, {
    options,
    signal,
  });
  if (reply?.type !== "gate") throw new HarnessError("E_GATE", "the correctness check ended without a result");
  return new Map(reply.results.map((result) => [gateKey(result.item), result]));
}

interface AskTools {
  readonly options: RunOptions;
  readonly signal: AbortSignal;
}

/** One question to a fresh child, one answer. */
async function ask(
  request: Parameters<typeof runChild>[0],
  timeoutSeconds: number,
  { options, signal }: AskTools,
): Promise<Reply | undefined> {
  let answer: Reply | undefined;
  const outcome = await runChild(
    request,
    { timeoutSeconds, memoryLimitBytes: options.memoryLimitBytes, signal },
    (reply) => {
      if (reply.type !== "done" && reply.type !== "progress") answer = reply;
    },
  );
  if (signal.aborted) throw new InterruptedError();
  if (outcome.failure !== undefined) throw new EnvironmentError(`${outcome.failure.reason}\n${outcome.log}`);
  return answer;
}
