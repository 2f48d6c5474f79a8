// One running program: started, asked with a deadline per request, and ended with everything that it started.

import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import type { z } from "zod";
import { HarnessError } from "#base/errors";
import type { Seconds } from "#base/units";
import { errorSchema, LONGEST_LINE, REPLY_PREFIX } from "./protocol.ts";

/** The program broke the protocol, died, or went silent: the reason why its cases fail. */
export class ProgramError extends HarnessError {
  override readonly name = "ProgramError";

  constructor(program: string, message: string, { log = "", code = "E_PROGRAM" } = {}) {
    const last = lastOf(log);
    super(code, `${program} ${message}${last === "" ? "" : `; it last wrote: ${last}`}`, { program, log });
  }
}

/** The last line that names an error, as Python, Node and JAX write it, else the last three with a letter in them. */
function lastOf(log: string): string {
  const lines = log
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /\p{L}/u.test(line));
  return lines.findLast((line) => /^\w*(?:Error|Exception)\b.*:/.test(line)) ?? lines.slice(-3).join(" | ");
}

export interface Start {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const LOG_LIMIT = 2 ** 16;
const GRACE_MS = 2000;

interface Waiting {
  readonly resolve: (line: string) => void;
  readonly reject: (error: ProgramError) => void;
}

export class ProgramProcess {
  readonly #name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #replies: string[] = [];
  #waiting: Waiting | undefined;
  #ended: string | undefined;
  #pending = "";
  #log = "";

  constructor({ name, command: [file, ...args], cwd, env }: Start) {
    this.#name = name;
    // A group of its own: what the program starts ends with it.
    this.#child = spawn(file!, args, { cwd, env: { ...process.env, ...env }, detached: true, stdio: "pipe" });
    if (this.#child.pid !== undefined) running.add(this.#child.pid);
    this.#child.on("error", (error) => this.#end(`could not be started: ${error.message}`));
    this.#child.on("exit", (code, signal) => this.#end(`ended with ${signal ?? `exit code ${code}`}`));
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => this.#hear(text));
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => this.#remember(text));
    this.#child.stdin.on("error", () => undefined); // it has ended; the reason comes from there
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What it wrote beside replies, the last 64 kB. */
  get log(): string {
    return this.#log;
  }

  /**
   * Sends a request and waits for the reply.
   *
   * @throws {ProgramError} dead, silent beyond `deadline`, no JSON, another reply than `schema` says, or an error of its own
   */
  async ask<Reply>(request: object, schema: z.ZodType<Reply>, deadline: Seconds): Promise<Reply> {
    if (this.#replies.length > 0)
      throw this.#error(`sent a reply that nobody asked for: ${this.#replies[0]!.slice(0, 100)}`);
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await this.#nextReply(deadline, (request as { type: string }).type);
    const reply = this.#parse(line);
    const failure = errorSchema.safeParse(reply);
    if (failure.success) throw this.#error(`reports: ${failure.data.message}`);
    const parsed = schema.safeParse(reply);
    if (parsed.success) return parsed.data;
    const { path, message } = parsed.error.issues[0]!;
    throw this.#error(
      `answered ${line.slice(0, 100)}, which breaks the protocol at ${path.join(".") || "its type"}: ${message}`,
    );
  }

  /** Asks it to end, and ends its whole group after two seconds. */
  async stop(): Promise<void> {
    if (this.#ended === undefined) {
      this.#child.stdin.write(`${JSON.stringify({ type: "bye" })}\n`);
      this.#child.stdin.end();
      await Promise.race([
        new Promise<void>((resolve) => this.#child.once("exit", () => resolve())),
        new Promise<void>((resolve) => setTimeout(resolve, GRACE_MS).unref()),
      ]);
    }
    killGroup(this.#child.pid);
  }

  /** Ends it and what it started, at once. */
  kill(): void {
    killGroup(this.#child.pid);
  }

  #nextReply(deadline: Seconds, what: string): Promise<string> {
    const known = this.#replies.shift();
    if (known !== undefined) return Promise.resolve(known);
    if (this.#ended !== undefined) return Promise.reject(this.#error(this.#ended));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = undefined;
        this.kill();
        reject(this.#error(`gave no answer to "${what}" within ${deadline} s`, "E_PROGRAM_TIMEOUT"));
      }, 1000 * deadline);
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#waiting = undefined;
        act();
      };
      this.#waiting = {
        resolve: (line) => settle(() => resolve(line)),
        reject: (error) => settle(() => reject(error)),
      };
    });
  }

  #hear(text: string): void {
    const lines = (this.#pending + text).split("\n");
    this.#pending = lines.pop()!;
    if (this.#pending.length > LONGEST_LINE) {
      this.#remember(this.#pending.slice(0, 1000));
      this.#pending = "";
    }
    for (const line of lines) {
      if (!line.startsWith(REPLY_PREFIX)) this.#remember(`${line}\n`);
      else if (this.#waiting !== undefined) this.#waiting.resolve(line.slice(REPLY_PREFIX.length));
      else this.#replies.push(line.slice(REPLY_PREFIX.length));
    }
  }

  #parse(line: string): unknown {
    try {
      return JSON.parse(line);
    } catch {
      throw this.#error(`sent a reply that is no JSON: ${line.slice(0, 100)}`);
    }
  }

  #remember(text: string): void {
    this.#log = (this.#log + text).slice(-LOG_LIMIT);
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    this.#waiting?.reject(this.#error(this.#ended));
  }

  #error(message: string, code?: string): ProgramError {
    return new ProgramError(this.#name, message, { log: this.#log, ...(code === undefined ? {} : { code }) });
  }
}

/** Programs end with this process, however it exits. */
const running = new Set<number>();
process.on("exit", () => running.forEach(killGroup));

/** Ends a program and what it started within its group. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  running.delete(pid);
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // the whole group has ended
  }
}
