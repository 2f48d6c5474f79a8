// A program at work: greeted, given one form with several sets of inputs, called, and asked for what it computed.

import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { isAbsolute, join, relative, sep } from "node:path";
import { systemClock } from "#base/clock";
import { HarnessError } from "#base/errors";
import { shortHash } from "#base/json";
import { encodeSafetensors, type NamedTensor } from "#base/safetensors";
import { packageRoot } from "#host/package";
import { readSafetensors } from "#host/safetensors";
import type { Bytes, Seconds } from "#base/units";
import type { OperatorSpec, Pass, Precision, Shape } from "#case/case";
import type { Observation } from "./clock-rules.ts";
import type { DEVICES, Program, Workload } from "./manifest.ts";
import { isThere, placeFor } from "./place.ts";
import { ProgramError, ProgramProcess } from "./process.ts";
import { processesWith, treeUsage, type TreeUsage } from "./process-tree.ts";
import { PROTOCOL, repliesSchema, type Hello } from "./protocol.ts";

/** Deadlines of each request: compilers and imports may take minutes, a reply to a fetch is a file. */
const DEADLINES = { hello: 180, prepare: 600, fetch: 120, memory: 30, release: 30 } as const satisfies Record<
  string,
  Seconds
>;

/** The folder of a contender stays as it is. */
const LEAVES_NOTHING = { PYTHONDONTWRITEBYTECODE: "1" } as const;

/** Waiting threads that spin take the core of the contender that is being measured. */
const PASSIVE_WAITING = { OMP_WAIT_POLICY: "passive", KMP_BLOCKTIME: "0", GOMP_SPINCOUNT: "0" } as const;

export interface SessionOptions {
  readonly threads: number;
  readonly device: (typeof DEVICES)[number];
  readonly seed: number;
  /** longest that one `run` may take */
  readonly runDeadline: Seconds;
  /** told the process, before anything is asked of it */
  readonly onStart?: (pid: number | undefined) => void;
}

export interface PreparedForm {
  readonly workload: Workload;
  readonly spec: OperatorSpec;
  readonly shape: Shape;
  readonly pass: Pass;
  readonly precision: Precision;
  /** train-step: model, inputs, weights and optimiser as plain data */
  readonly step?: unknown;
  /** inputs by name, and `cotangent` [B,H,N,E] where the pass has a backward; of decode those of a token, and `context.<input>`; of train-step a batch, and `weight.`, `moment1.` and `moment2.<name>` */
  readonly sets: readonly ReadonlyMap<string, NamedTensor>[];
}

interface Started {
  readonly name: string;
  readonly hello: Hello;
  readonly startSeconds: Seconds;
  /** where tensors are handed over */
  readonly folder: string;
  readonly mark: string;
  /** the cores it is held to; absent: any */
  readonly cores?: readonly number[];
  readonly options: SessionOptions;
}

/** What a request to run gave. */
export interface Called extends Observation {
  readonly seconds: readonly Seconds[];
  readonly deviceSeconds?: readonly Seconds[];
}

/** A form that the program itself declines: a result, not a fault. */
export class UnsupportedFormError extends HarnessError {
  override readonly name = "UnsupportedFormError";

  constructor(program: string, reason: string) {
    super("E_DECLINED", `${program} declines: ${reason}`);
  }
}

/** What its set-up makes is not there. */
export class NotSetUpError extends HarnessError {
  override readonly name = "NotSetUpError";

  constructor({ manifest: { name }, folder }: Program, missing: string) {
    super("E_NOT_SET_UP", `${name} is not set up here (no ${missing}): lightnet-bench contender setup ${folder}`);
  }
}

/** Its environment marks a program, and what it starts, whatever group that moves to. */
const MARK = "LIGHTNET_BENCH_PROGRAM_MARK";
const LINGER_SECONDS = 2;

export class ProgramSession {
  readonly hello: Hello;
  /** from the start of the process to its greeting */
  readonly startSeconds: Seconds;
  readonly #process: ProgramProcess;
  readonly #folder: string;
  readonly #options: SessionOptions;
  readonly #name: string;
  readonly #mark: string;
  /** the cores it is held to; absent: any */
  readonly cores: readonly number[] | undefined;

  private constructor(process: ProgramProcess, facts: Started) {
    this.#process = process;
    this.hello = facts.hello;
    this.startSeconds = facts.startSeconds;
    this.#name = facts.name;
    this.#mark = facts.mark;
    this.cores = facts.cores;
    this.#folder = facts.folder;
    this.#options = facts.options;
  }

  /** @throws {NotSetUpError} @throws {ProgramError} it does not start, or does not greet */
  static async start(program: Program, options: SessionOptions): Promise<ProgramSession> {
    const { name, setup } = program.manifest;
    const command = commandOf(program, program.manifest.command, options);
    const missing = command.find((part) => part.startsWith(cacheFolder(program)) && !existsSync(part));
    if (missing !== undefined && setup.length > 0) throw new NotSetUpError(program, missing);
    if (process.platform !== "win32" && !isThere(command[0]!))
      throw new ProgramError(name, `could not be started: there is no ${command[0]}`);
    const { prefix, cores } = placeFor(options.threads);
    const mark = randomUUID();
    const started = new ProgramProcess({
      name,
      command: [...prefix, ...command],
      cwd: program.folder,
      env: {
        ...threadVariables(options.threads),
        ...PASSIVE_WAITING,
        ...LEAVES_NOTHING,
        ...filledIn(program, program.manifest.env, options),
        [MARK]: mark,
      },
    });
    options.onStart?.(started.pid);
    const start = systemClock.now();
    try {
      const { threads, device, seed } = options;
      const hello = await started.ask(
        { type: "hello", protocol: PROTOCOL, threads, device, seed },
        repliesSchema.hello,
        DEADLINES.hello,
      );
      const folder = mkdtempSync(join(tmpdir(), "lightnet-bench-program-"));
      const startSeconds = systemClock.now() - start;
      return new ProgramSession(started, {
        name,
        hello,
        folder,
        startSeconds,
        mark,
        ...(cores === undefined ? {} : { cores }),
        options,
      });
    } catch (error) {
      started.kill();
      throw error;
    }
  }

  /** Ends it at once: whatever is asked of it fails. */
  kill(): void {
    this.#process.kill();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Hands over the form and its inputs. @returns what the program chose @throws {UnsupportedFormError} | {ProgramError} */
  async prepare({ sets, ...form }: PreparedForm): Promise<string> {
    const files = sets.map((tensors, index) => {
      const file = join(this.#folder, `set-${index}.safetensors`);
      writeFileSync(file, encodeSafetensors(tensors));
      return file;
    });
    const request = { type: "prepare", case: form, sets: files };
    const reply = await this.#process.ask(request, repliesSchema.ready, DEADLINES.prepare);
    if (reply.type === "unsupported") throw new UnsupportedFormError(this.#name, reply.reason);
    return reply.strategy;
  }

  /** Calls the prepared form `repeats` times in a row, on `set` and those after it in turn. @throws {ProgramError} */
  async run(set: number, repeats: number): Promise<Called> {
    const start = systemClock.now();
    const { seconds, deviceSeconds } = await this.#process.ask(
      { type: "run", set, repeats },
      repliesSchema.ran,
      this.#options.runDeadline,
    );
    const wall = systemClock.now() - start;
    if (seconds.length !== repeats)
      throw new ProgramError(this.#name, `gave ${seconds.length} times for ${repeats} repeats`);
    const own = seconds.reduce((sum, value) => sum + value, 0);
    return { own, wall, seconds, ...(deviceSeconds === undefined ? {} : { deviceSeconds }) };
  }

  /** Outputs, and gradients as `grad.<input>`, of the last repeat. @throws {ProgramError} | {DataError} */
  async fetch(): Promise<ReadonlyMap<string, NamedTensor>> {
    const file = join(this.#folder, "outputs.safetensors");
    rmSync(file, { force: true });
    await this.#process.ask({ type: "fetch", file }, repliesSchema.fetched, DEADLINES.fetch);
    return readSafetensors(file).tensors;
  }

  /** Peak of the device where the program knows it. */
  async deviceMemory(): Promise<Bytes | undefined> {
    return (await this.#process.ask({ type: "memory" }, repliesSchema.memory, DEADLINES.memory)).devicePeakBytes;
  }

  async release(): Promise<void> {
    await this.#process.ask({ type: "release" }, repliesSchema.released, DEADLINES.release);
  }

  /** Of the program and all that it started; undefined where the system does not tell. */
  usage(): TreeUsage | undefined {
    return treeUsage(this.#process.pid);
  }

  /**
   * Ends it and all that it started.
   *
   * @throws {ProgramError} something that it started lived on when it had ended
   */
  async stop(): Promise<void> {
    await this.#process.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    const end = systemClock.now() + LINGER_SECONDS;
    let left = processesWith(`${MARK}=${this.#mark}`);
    while (left.length > 0 && systemClock.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      left = processesWith(`${MARK}=${this.#mark}`);
    }
    for (const pid of left) killQuietly(pid);
    if (left.length > 0)
      throw new ProgramError(this.#name, `left ${left.length} of the processes behind that it started`);
  }
}

/** A command of the manifest with its places filled in. */
export function commandOf(
  program: Program,
  command: readonly string[],
  { threads, device }: Pick<SessionOptions, "threads" | "device">,
): string[] {
  const values: Readonly<Record<string, string>> = {
    "{folder}": program.folder,
    "{cache}": cacheFolder(program),
    "{threads}": String(threads),
    "{device}": device,
  };
  return command.map((part) => part.replace(/\{(folder|cache|threads|device)\}/g, (place) => values[place]!));
}

function filledIn(program: Program, env: Readonly<Record<string, string>>, options: SessionOptions) {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, ...commandOf(program, [value], options)]),
  );
}

/** Where the set-up of a program leaves what it makes: by name for those of this package, else by name and place. */
export function cacheFolder({ manifest: { name }, file }: Program): string {
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const isOurs = isWithin(join(packageRoot(), "contenders"), file);
  return join(base, "lightnet-bench", "contenders", isOurs ? name : `${name}-${shortHash(file).slice(0, 8)}`);
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way !== ".." && !way.startsWith(`..${sep}`);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has just ended
  }
}

/** The usual libraries' ways of being told how many threads to use. */
function threadVariables(threads: number): Record<string, string> {
  const names = [
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
  ];
  return Object.fromEntries(names.map((name) => [name, String(threads)]));
}
