// From the way a child ended to what is written down about it.

import { HarnessError } from "#base/errors";
import type { NotOkRecord } from "#store/record";

export type FailureStatus = Extract<NotOkRecord["status"], "failed" | "oom" | "timeout">;

export interface Failure {
  readonly status: FailureStatus;
  readonly reason: string;
}

/** Texts by which V8, Emscripten, WebAssembly and Dawn say that memory ran out. */
const OUT_OF_MEMORY = [
  /Reached heap limit/i,
  /out of memory/i,
  /Cannot enlarge memory/i,
  /Array buffer allocation failed/i,
  /Invalid array length/i,
  /could not allocate/i,
  /bad_alloc/,
  /memory access out of bounds/i, // tfjs-wasm writes past a failed malloc
];

export function isOutOfMemory(text: string): boolean {
  return OUT_OF_MEMORY.some((pattern) => pattern.test(text));
}

/** A lost device fails every later case in its process: whoever meets this error lets it end the process. */
export function isDeviceLost(error: unknown): boolean {
  return error instanceof HarnessError && error.code === "E_GPU_LOST";
}

export interface Ending {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly stderr: string;
  readonly killedFor?: Failure | undefined;
}

/** Why a child ended before it was done. */
export function failureOf(ending: Ending): Failure {
  if (ending.killedFor !== undefined) return ending.killedFor;
  const how = ending.signal === undefined ? `exit code ${ending.exitCode ?? "unknown"}` : `signal ${ending.signal}`;
  const lastLine = ending.stderr.trim().split("\n").at(-1) ?? "";
  if (isOutOfMemory(ending.stderr)) return { status: "oom", reason: `the process ran out of memory (${how})` };
  if (ending.signal === "SIGKILL")
    return { status: "oom", reason: "the process was killed by the system (SIGKILL), most likely for its memory" };
  return { status: "failed", reason: `the process ended early (${how})${lastLine === "" ? "" : `: ${lastLine}`}` };
}
