// A contender in a process of its own that answers one request a line: PyTorch (rival.py), or an engine (worker.ts).

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { Seconds } from "#base/units";

const torchSchema = z.object({ torch: z.string(), blas: z.string(), python: z.string() });
const answerSchema = z.union([z.object({ seconds: z.number(), calls: z.number() }), z.object({ error: z.string() })]);

export type TorchVersions = z.infer<typeof torchSchema>;

export interface RivalTiming {
  readonly threads: number;
  /** least length of a sample */
  readonly seconds: Seconds;
  /** processor seconds of all threads instead of wall time */
  readonly cpuTime: boolean;
}

export interface RivalProgram<Versions> {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** its first line */
  readonly hello: z.ZodType<Versions>;
}

/** @param script path of rival.py */
export function torchProgram(python: string, script: string): RivalProgram<TorchVersions> {
  return { command: python, args: [script], hello: torchSchema };
}

export class Rival<Versions> {
  readonly versions: Versions;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  private constructor(process: ChildProcessWithoutNullStreams, lines: AsyncIterator<string>, versions: Versions) {
    this.#process = process;
    this.#lines = lines;
    this.versions = versions;
  }

  /** @returns the running rival, or the reason why there is none */
  static async start<Versions>({
    command,
    args,
    env = {},
    hello,
  }: RivalProgram<Versions>): Promise<Rival<Versions> | string> {
    const child = spawn(command, [...args], { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
    let complaint = "";
    child.stderr.on("data", (text: Buffer) => (complaint = text.toString().trim().split("\n").at(-1) ?? ""));
    child.on("error", (error) => (complaint = error.message));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done === true) return `${command} does not run it: ${complaint || "it ended at once"}`;
    return new Rival(child, lines, hello.parse(JSON.parse(first.value)));
  }

  /** Mean seconds of a call, over calls that last at least `seconds` together; or the error it met. */
  async time(work: unknown, { threads, seconds, cpuTime }: RivalTiming): Promise<Seconds | string> {
    this.#process.stdin.write(`${JSON.stringify({ work, threads, seconds, cpuTime })}\n`);
    const line = await this.#lines.next();
    if (line.done === true) return "its process ended";
    const answer = answerSchema.parse(JSON.parse(line.value));
    return "error" in answer ? answer.error : answer.seconds;
  }

  stop(): void {
    this.#process.stdin.end();
  }
}
