// PyTorch as a rival: a Python process that answers one request a line.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { Seconds } from "#base/units";
import type { RivalWork } from "./works.ts";

const helloSchema = z.object({ torch: z.string(), blas: z.string(), python: z.string() });
const answerSchema = z.union([z.object({ seconds: z.number(), calls: z.number() }), z.object({ error: z.string() })]);

export type RivalVersions = z.infer<typeof helloSchema>;

export interface RivalTiming {
  readonly threads: number;
  /** least length of a sample */
  readonly seconds: Seconds;
  /** processor seconds of all threads instead of wall time */
  readonly cpuTime: boolean;
}

export class Rival {
  readonly versions: RivalVersions;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  private constructor(process: ChildProcessWithoutNullStreams, lines: AsyncIterator<string>, versions: RivalVersions) {
    this.#process = process;
    this.#lines = lines;
    this.versions = versions;
  }

  /** @returns the running rival, or the reason why there is none */
  static async start(python: string, script: string): Promise<Rival | string> {
    const child = spawn(python, [script], { stdio: ["pipe", "pipe", "pipe"] });
    let complaint = "";
    child.stderr.on("data", (text: Buffer) => (complaint = text.toString().trim().split("\n").at(-1) ?? ""));
    child.on("error", (error) => (complaint = error.message));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done === true) return `${python} does not run it: ${complaint || "it ended at once"}`;
    return new Rival(child, lines, helloSchema.parse(JSON.parse(first.value)));
  }

  /** Mean seconds of a call, over calls that last at least `seconds` together; or the error it met. */
  async time(work: RivalWork, { threads, seconds, cpuTime }: RivalTiming): Promise<Seconds | string> {
    this.#process.stdin.write(`${JSON.stringify({ work, threads, seconds, cpuTime })}\n`);
    const line = await this.#lines.next();
    if (line.done === true) return "the rival's process ended";
    const answer = answerSchema.parse(JSON.parse(line.value));
    return "error" in answer ? answer.error : answer.seconds;
  }

  stop(): void {
    this.#process.stdin.end();
  }
}
