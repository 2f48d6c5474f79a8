// Contenders from outside beside ours: a fresh program for each case, called in the same rounds, on the same inputs, checked by the
// same rule. Whatever it does wrong is its own case's end.

import { systemClock } from "#base/clock";
import { HarnessError } from "#base/errors";
import { hashJson } from "#base/json";
import type { NamedTensor } from "#base/safetensors";
import { formatBytes, type Bytes, type Seconds } from "#base/units";
import { caseId, type OperatorCase } from "#case/case";
import { implementationOf } from "#catalogue/implementation";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { Callable, Check } from "#measure/callable";
import { operators } from "#ops/registry";
import { gateCase, gateProgram } from "#programs/check";
import { clockFault, idleFault, type Observation } from "#programs/clock-rules";
import { digestOf } from "#programs/digest";
import { unsupportedBy } from "#programs/forms";
import { readProgram, type Program } from "#programs/manifest";
import { protocolCost } from "#programs/protocol-cost";
import { ProgramSession, UnsupportedFormError, type Called } from "#programs/session";
import { describeStep } from "#tasks/step-description";
import type { AtomRequest } from "../protocol.ts";
import { wantedForm, type ProgramCase } from "../outside.ts";
import { samplingWithin } from "../sampling.ts";
import { askedStep, smallStep } from "./asked-step.ts";
import { drawForProgram, type DrawnForProgram } from "./program-inputs.ts";
import type { Prepared } from "./timing.ts";
import type { Send } from "./workload.ts";

export interface Surroundings {
  readonly request: AtomRequest;
  readonly engine: RunningEngine;
  readonly send: Send;
}

/** A program that is ready, and how its case ends. */
export interface PreparedProgram extends Prepared {
  /** Ends it. @throws what it did wrong that shows only now */
  stop(): Promise<void>;
}

/** A reply lists the time of each repeat: so many fit. */
const MOST_REPEATS = 10_000;
/** A busy machine, or a clock that tells less than passed, may make a round so many times as long. */
const LONGEST_ROUND = 20;
/** A single call may take so many budgets, as with contenders of ours. */
const LONGEST_CALL = 20;
const LEAST_DEADLINE: Seconds = 60;
const WATCH_MS = 1000;
/** Telling the parent that it is waited for. */
const SIGN_OF_LIFE_MS = 10_000;

/** @throws {HarnessError} it is not set up, declines, or does something wrong */
export async function prepareProgram(item: ProgramCase, around: Surroundings): Promise<PreparedProgram> {
  const program = programOf(item, around.request);
  const atWork = await AtWork.start(item, program, around);
  try {
    return await readied(item, program, atWork, around);
  } catch (error) {
    await atWork.end().catch(() => undefined); // the first thing that went wrong is the reason
    throw error;
  }
}

async function readied(
  item: ProgramCase,
  program: Program,
  atWork: AtWork,
  { request, engine }: Surroundings,
): Promise<PreparedProgram> {
  await atWork.gate(item, program, engine);
  const drawn = await drawForProgram(item, engine);
  const strategy = await atWork.prepare(item, drawn);
  const first = await atWork.call(0, 1);
  const { roundSeconds } = samplingWithin(request.contenderBudget);
  const cost = await protocolCost(atWork.threads);
  const repeats = await repeatsFitting(atWork, roundSeconds);
  return {
    caseId: caseId(item),
    callable: callableOf(item, { atWork, drawn, repeats }),
    facts: { strategy, ...workOf(item), program: atWork.facts(program, item, cost.roundTripSeconds) },
    firstRound: { firstCallSeconds: first.seconds[0]!, overheadSeconds: cost.clockSeconds, peak: undefined },
    stop: async () => {
      const fault = atWork.fault(cost.roundTripSeconds);
      drawn.dispose();
      await atWork.end();
      if (fault !== undefined) throw new HarnessError("E_PROGRAM", `${item.contender}: ${fault}`);
    },
  };
}

/** Resident bytes of the program's processes before its inputs and at their peak, and the device's where it tells. */
export async function memoryOfProgram(item: OperatorCase, around: Surroundings) {
  const program = programOf(item, around.request);
  const atWork = await AtWork.start(item, program, around);
  try {
    const processBaselineBytes = atWork.usage()?.residentBytes;
    const drawn = await drawForProgram(item, around.engine);
    const strategy = await atWork.prepare(item, drawn);
    await atWork.call(0, 1);
    const { leastMemory } = operators.get(item.spec.op).work(item.spec, item.shape, item.pass, "default");
    const enginePeakBytes = await atWork.session.deviceMemory();
    const memory = {
      leastBytes: leastMemory,
      processPeakBytes: atWork.usage()?.peakBytes,
      processBaselineBytes,
      enginePeakBytes,
    };
    await keepAndCheck(atWork, drawn, 0);
    return { strategy, memory, program: atWork.facts(program, item) };
  } finally {
    await atWork.end();
  }
}

/** How often a call fits into a round by the program's own clock: ten times as often is tried as long as that fits. */
async function repeatsFitting(atWork: AtWork, roundSeconds: Seconds): Promise<number> {
  for (let repeats = 1; ; repeats *= 10) {
    const { own, wall } = await atWork.call(1, repeats);
    const typical = Math.max(own, wall / LONGEST_ROUND, 1e-9) / repeats;
    const fitting = Math.min(MOST_REPEATS, roundSeconds / typical);
    if (fitting < 10 * repeats) return Math.max(1, Math.round(fitting));
  }
}

/** Of a whole call, as our own contenders' is; a token's and a training step's are not counted. */
function workOf(item: ProgramCase): Pick<Prepared["facts"], "work"> {
  if (item.kind !== "operator") return {};
  const { flops, leastBytes } = operators.get(item.spec.op).work(item.spec, item.shape, item.pass, "default");
  return { work: { flops, leastBytes } };
}

async function keepAndCheck(atWork: AtWork, drawn: DrawnForProgram, set: number): Promise<void> {
  const check = await keepOf(atWork, drawn, set);
  await check();
}

/** @throws {HarnessError} the run was not given it, or its files are not those that the run began with */
function programOf({ contender }: ProgramCase, { programs }: AtomRequest): Program {
  const given = programs.find(({ name }) => name === implementationOf(contender).program);
  if (given === undefined) throw new HarnessError("E_PROGRAM", `no --contender of this run is called ${contender}`);
  const program = readProgram(given.file);
  if (digestOf(program) !== given.digest)
    throw new HarnessError("E_PROGRAM", `${program.folder} has changed since the run began`);
  return program;
}

interface Calls {
  readonly atWork: AtWork;
  readonly drawn: DrawnForProgram;
  readonly repeats: number;
}

function callableOf({ contender }: ProgramCase, { atWork, drawn, repeats }: Calls): Callable {
  const count = drawn.setCount;
  let last: Called | undefined;
  return {
    id: contender,
    inputSets: count,
    repeats,
    call: async (set) => {
      // The repeats go on through the sets, as calls of ours do; the last one, which can be looked at, is on `set`.
      last = await atWork.call((((set - repeats + 1) % count) + count) % count, repeats);
      const keep = () => keepOf(atWork, drawn, set);
      return Object.assign(() => undefined, { seconds: last.seconds, keep });
    },
    deviceSeconds: () => Promise.resolve(last?.deviceSeconds?.reduce((sum, seconds) => sum + seconds, 0)),
  };
}

/** Reads what the last call gave. */
async function keepOf({ session, kind }: AtWork, { results, keep }: DrawnForProgram, set: number): Promise<Check> {
  const fetched = await session.fetch();
  const given = Object.fromEntries(
    Object.entries(results).map(([name, shape]) => [name, tensorOf(name, fetched.get(name), shape)]),
  );
  const check = await keep(given, set, kind);
  tf.dispose(given);
  return check;
}

/** @throws {HarnessError} absent, or of another size */
function tensorOf(label: string, found: NamedTensor | undefined, shape: readonly number[]): tf.Tensor {
  const size = shape.reduce((product, axis) => product * axis, 1);
  if (found?.data.length !== size)
    throw new HarnessError("E_PROGRAM", `${label} has ${found?.data.length ?? "no"} numbers, expected ${size}`);
  return tf.tensor(found.data, [...shape]);
}

/** A running program under watch: its memory while it is called, the processor's time while it is not. */
class AtWork {
  readonly session: ProgramSession;
  readonly threads: number;
  readonly kind: "cpu" | "gpu";
  readonly #item: ProgramCase;
  readonly #limit: Bytes;
  readonly #send: Send;
  readonly #observations: Observation[] = [];
  #busy: { seconds: Seconds; wall: Seconds } = { seconds: 0, wall: 0 };
  #begun: { seconds: Seconds; at: Seconds } | undefined;
  #failed = false;

  private constructor(session: ProgramSession, item: ProgramCase, device: "cpu" | "cuda", around: Surroundings) {
    [this.session, this.kind, this.#item] = [session, device === "cuda" ? "gpu" : "cpu", item];
    [this.#limit, this.#send] = [around.request.memoryLimit, around.send];
    this.threads = threadsFor(item, around.engine);
  }

  static async start(item: ProgramCase, program: Program, around: Surroundings): Promise<AtWork> {
    const { engine, request, send } = around;
    const wanted = wantedOf(item);
    const onGpu =
      engine.device.kind === "gpu" && unsupportedBy(program.manifest, { ...wanted, device: "cuda" }) === undefined;
    const device = onGpu ? "cuda" : "cpu";
    const declined = unsupportedBy(program.manifest, { ...wanted, device });
    if (declined !== undefined) throw new UnsupportedFormError(program.manifest.name, declined);
    const threads = threadsFor(item, engine);
    const session = await ProgramSession.start(program, {
      threads,
      device,
      seed: item.seed,
      runDeadline: Math.max(LEAST_DEADLINE, LONGEST_CALL * request.contenderBudget),
      onStart: (pid) => void (pid === undefined ? undefined : send({ type: "program", pid })),
    });
    return new AtWork(session, item, device, around);
  }

  usage() {
    return this.session.usage();
  }

  /** @throws {HarnessError} on small inputs it is wrong already */
  async gate(item: ProgramCase, { manifest }: Program, engine: RunningEngine): Promise<void> {
    const device = this.kind === "gpu" ? "cuda" : "cpu";
    const asked =
      item.kind === "train-step"
        ? await askedStep(smallStep(item), engine)
        : gateCase(manifest, { ...wantedOf(item), device });
    if (asked !== undefined) await this.#watched(() => gateProgram(this.session, asked));
  }

  async prepare(item: ProgramCase, { sets }: DrawnForProgram): Promise<string> {
    const given = await sets();
    return this.#watched(() => this.session.prepare({ ...requestOf(item), sets: given }));
  }

  /** @throws {HarnessError} as `ProgramSession.run`, or it takes more memory than a process may */
  async call(set: number, repeats: number): Promise<Called> {
    const before = this.usage();
    const startedAt = systemClock.now();
    this.#begun ??= { seconds: before?.cpuSeconds ?? 0, at: startedAt };
    this.#failed = true; // unless it replies
    const called = await this.#watched(() => this.session.run(set, repeats));
    this.#failed = false;
    this.#busy.wall += systemClock.now() - startedAt;
    const after = this.usage();
    const cpuSeconds = (after?.cpuSeconds ?? 0) - (before?.cpuSeconds ?? 0);
    this.#busy.seconds += cpuSeconds;
    const isSeen = this.kind === "cpu" && before !== undefined && after !== undefined;
    this.#observations.push({ own: called.own, wall: called.wall, ...(isSeen ? { cpuSeconds } : {}) });
    return called;
  }

  /** What its clock, or its use of the processor between calls, says against it. */
  fault(roundTrip: Seconds): string | undefined {
    if (this.#begun === undefined || this.#failed) return undefined; // what went wrong first is the reason
    const { seconds, at } = this.#begun;
    const idle = {
      cpuSeconds: (this.usage()?.cpuSeconds ?? 0) - seconds - this.#busy.seconds,
      wallSeconds: systemClock.now() - at - this.#busy.wall,
    };
    const timed = this.#observations.slice(2); // the first two compile
    return idleFault(idle) ?? (timed.length === 0 ? undefined : clockFault(timed, roundTrip, this.threads));
  }

  facts(program: Program, { contender }: ProgramCase, roundTripSeconds?: Seconds) {
    const { hello, startSeconds, cores } = this.session;
    const { version, device, libraries } = hello;
    return {
      name: implementationOf(contender).program!,
      label: program.manifest.label,
      version,
      class: program.manifest.class,
      device,
      threads: this.threads,
      environment: hashJson({ version, device, libraries }),
      digest: digestOf(program),
      libraries,
      startSeconds,
      ...(cores === undefined ? {} : { cores: [...cores] }),
      ...(roundTripSeconds === undefined ? {} : { roundTripSeconds }),
    };
  }

  end(): Promise<void> {
    return this.session.stop();
  }

  /** While something is waited for: the parent hears that it is, and the program ends when its memory is beyond the limit. */
  async #watched<T>(ask: () => Promise<T>): Promise<T> {
    let excess: Bytes | undefined;
    const watch = setInterval(() => {
      const resident = this.usage()?.residentBytes ?? 0;
      if (resident <= this.#limit) return;
      excess = resident;
      this.session.kill();
    }, WATCH_MS);
    const touch = () => void this.#send({ type: "touching", caseId: caseId(this.#item) });
    const sign = setInterval(touch, SIGN_OF_LIFE_MS);
    try {
      return await ask();
    } catch (error) {
      if (excess === undefined) throw error;
      const limit = formatBytes(this.#limit);
      throw new HarnessError("E_PROGRAM_MEMORY", `used ${formatBytes(excess)} of memory, the limit is ${limit}`);
    } finally {
      clearInterval(watch);
      clearInterval(sign);
    }
  }
}

/** What a case wants of a program. */
function wantedOf(item: ProgramCase) {
  const { kind, shape, precision } = item;
  const pass = kind === "operator" ? item.pass : kind === "decode" ? "forward" : "forward+backward";
  return { ...wantedForm(item), shape, pass, precision } as const;
}

/** What it is asked for. */
function requestOf(item: ProgramCase) {
  const { kind: workload, spec, shape, precision } = item;
  const step = item.kind === "train-step" ? { step: describeStep(item) } : {};
  return { workload, spec, shape, pass: wantedOf(item).pass, precision, ...step };
}

/** As many as the case says, else as our engine has. */
function threadsFor(item: ProgramCase, { device: { details } }: RunningEngine): number {
  const threads = item.threads ?? details["threads"];
  return typeof threads === "number" ? threads : 1;
}
