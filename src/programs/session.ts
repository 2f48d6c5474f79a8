// A program at work: greeted, given one form with several sets of inputs, called, and asked for what it computed.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#base/clock";
import { HarnessError } from "#base/errors";
import { encodeSafetensors, type NamedTensor } from "#base/safetensors";
import { readSafetensors } from "#host/safetensors";
import type { Bytes, Seconds } from "#base/units";
import type { OperatorSpec, Pass, Precision, Shape } from "#case/case";
import type { Observation } from "./clock-rules.ts";
import type { DEVICES, Program } from "./manifest.ts";
import { ProgramProcess } from "./process.ts";
import { treeUsage, type TreeUsage } from "./process-tree.ts";
import { PROTOCOL, repliesSchema, type Hello } from "./protocol.ts";

/** Deadlines of each request: compilers and imports may take minutes, a reply to a fetch is a file. */
const DEADLINES = { hello: 180, prepare: 600, fetch: 120, memory: 30, release: 30 } as const satisfies Record<
  string,
  Seconds
>;

/** Waiting threads that spin take the core of the contender that is being measured. */
const PASSIVE_WAITING = { OMP_WAIT_POLICY: "passive", KMP_BLOCKTIME: "0", GOMP_SPINCOUNT: "0" } as const;

export interface SessionOptions {
  readonly threads: number;
  readonly device: (typeof DEVICES)[number];
  readonly seed: number;
  /** longest that one `run` may take */
  readonly runDeadline: Seconds;
}

export interface PreparedForm {
  readonly spec: OperatorSpec;
  readonly shape: Shape;
  readonly pass: Pass;
  readonly precision: Precision;
  /** inputs by name, and `cotangent` [B,H,N,E] where the pass has a backward */
  readonly sets: readonly ReadonlyMap<string, NamedTensor>[];
}

interface Started {
  readonly name: string;
  readonly hello: Hello;
  readonly startSeconds: Seconds;
  /** where tensors are handed over */
  readonly folder: string;
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
    super("E_UNSUPPORTED", `${program} declines: ${reason}`);
  }
}

export class ProgramSession {
  readonly hello: Hello;
  /** from the start of the process to its greeting */
  readonly startSeconds: Seconds;
  readonly #process: ProgramProcess;
  readonly #folder: string;
  readonly #options: SessionOptions;
  readonly #name: string;

  private constructor(process: ProgramProcess, facts: Started) {
    this.#process = process;
    this.hello = facts.hello;
    this.startSeconds = facts.startSeconds;
    this.#name = facts.name;
    this.#folder = facts.folder;
    this.#options = facts.options;
  }

  /** @throws {ProgramError} it does not start, or does not greet */
  static async start(program: Program, options: SessionOptions): Promise<ProgramSession> {
    const { name, env } = program.manifest;
    const process = new ProgramProcess({
      name,
      command: commandOf(program, program.manifest.command, options),
      cwd: program.folder,
      env: { ...threadVariables(options.threads), ...PASSIVE_WAITING, ...filledIn(program, env, options) },
    });
    const start = systemClock.now();
    try {
      const { threads, device, seed } = options;
      const hello = await process.ask(
        { type: "hello", protocol: PROTOCOL, threads, device, seed },
        repliesSchema.hello,
        DEADLINES.hello,
      );
      const folder = mkdtempSync(join(tmpdir(), "lightnet-bench-program-"));
      return new ProgramSession(process, { name, hello, folder, startSeconds: systemClock.now() - start, options });
    } catch (error) {
      process.kill();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Hands over the form and its inputs. @returns what the program chose @throws {UnsupportedFormError} | {ProgramError} */
  async prepare({ spec, shape, pass, precision, sets }: PreparedForm): Promise<string> {
    const files = sets.map((tensors, index) => {
      const file = join(this.#folder, `set-${index}.safetensors`);
      writeFileSync(file, encodeSafetensors(tensors));
      return file;
    });
    const request = { type: "prepare", case: { spec, shape, pass, precision }, sets: files };
    const reply = await this.#process.ask(request, repliesSchema.ready, DEADLINES.prepare);
    if (reply.type === "unsupported") throw new UnsupportedFormError(this.#name, reply.reason);
    return reply.strategy;
  }

  /** Calls the prepared form on one set, `repeats` times in a row. @throws {ProgramError} */
  async run(set: number, repeats: number): Promise<Called> {
    const start = systemClock.now();
    const { seconds, deviceSeconds } = await this.#process.ask(
      { type: "run", set, repeats },
      repliesSchema.ran,
      this.#options.runDeadline,
    );
    const wall = systemClock.now() - start;
    if (seconds.length !== repeats)
      throw new HarnessError("E_PROGRAM", `${this.#name} gave ${seconds.length} times for ${repeats} repeats`);
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

  async stop(): Promise<void> {
    await this.#process.stop();
    rmSync(this.#folder, { recursive: true, force: true });
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

/** Where the set-up of a program leaves what it makes. */
export function cacheFolder({ manifest: { name } }: Program): string {
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(base, "lightnet-bench", "contenders", name);
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
