// One child process seen from the parent: started with execa, heard through IPC, watched for time and memory,
// and always brought to an end.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { systemClock } from "#base/clock";
import { defined } from "#base/defined";
import { EnvironmentError } from "#base/errors";
import { formatBytes, formatSeconds, type Bytes, type Seconds } from "#base/units";
import { killGroup } from "#programs/process";
import { failureOf, type Failure } from "./failure.ts";
import { isAboutOneOf, replySchema, type Reply, type Request } from "./protocol.ts";
import { WHOLE_MACHINE, type Slot } from "./slot.ts";

export interface ChildLimits {
  /** silence or work of one case beyond this ends the child */
  readonly timeoutSeconds: Seconds;
  readonly memoryLimitBytes: Bytes;
  /** asks the child to stop: a training writes its checkpoint, other work is lost */
  readonly signal?: AbortSignal | undefined;
  /** what it may speak about; absent where no case is asked for */
  readonly caseIds?: ReadonlySet<string>;
  /** where it runs; default the whole machine */
  readonly slot?: Slot | undefined;
}

export interface ChildOutcome {
  readonly failure?: Failure;
  /** everything it wrote to stdout and stderr, the last MiB */
  readonly log: string;
}

const CHILD_ENTRY = fileURLToPath(new URL("./child.js", import.meta.url));
const POLL_MS = 100;
/** A step in progress and a checkpoint fit in. */
const KILL_DELAY_MS = 15_000;
const LOG_LIMIT = 2 ** 20;

/**
 * Starts a child, gives it one request and hands every reply to `onReply` until it is done or has ended.
 *
 * @throws {EnvironmentError} the system starts no process
 */
export async function runChild(
  request: Request,
  limits: ChildLimits,
  onReply: (reply: Reply) => void,
): Promise<ChildOutcome> {
  const { prefix, environment } = limits.slot ?? WHOLE_MACHINE;
  const child = execa({
    ipc: true,
    env: environment,
    reject: false,
    all: true,
    maxBuffer: LOG_LIMIT,
    forceKillAfterDelay: KILL_DELAY_MS,
    ...defined({ cancelSignal: limits.signal }),
  })`${[...prefix, process.execPath, "--expose-gc", CHILD_ENTRY, process.pid]}`;
  if (child.pid === undefined) {
    const { originalMessage, code } = await child; // and no kill: without a number it would hit this process's whole group
    throw new EnvironmentError(`no process can be started here: ${originalMessage ?? code ?? "the system refuses it"}`);
  }
  let killedFor: Failure | undefined;
  let isDone = false;
  let lastTouch = systemClock.now();
  let thrown: { readonly error: unknown } | undefined;
  const programs = new Set<number>();

  const kill = (failure: Failure) => {
    killedFor ??= failure;
    child.kill("SIGKILL");
  };
  const watch = setInterval(() => {
    if (systemClock.now() - lastTouch > limits.timeoutSeconds) {
      kill({ status: "timeout", reason: `no result within ${formatSeconds(limits.timeoutSeconds)}` });
    }
    const resident = residentBytes(child.pid);
    if (resident !== undefined && resident > limits.memoryLimitBytes) {
      kill({
        status: "oom",
        reason: `used ${formatBytes(resident)} of memory, the limit is ${formatBytes(limits.memoryLimitBytes)}`,
      });
    }
  }, POLL_MS);

  try {
    await child.sendMessage(request as never);
    for await (const message of child.getEachMessage()) {
      if (killedFor !== undefined) continue;
      const { data: reply } = replySchema.safeParse(message);
      if (reply === undefined || !isAboutOneOf(reply, limits.caseIds)) {
        kill({ status: "failed", reason: "the process sent a message that is none of the protocol's" });
        continue;
      }
      lastTouch = systemClock.now();
      isDone ||= reply.type === "done";
      if (reply.type === "program") programs.add(reply.pid);
      try {
        onReply(reply);
      } catch (error) {
        thrown = { error };
        kill({ status: "failed", reason: "its results could not be taken" });
      }
    }
  } catch {
    // The channel is gone because the child is ending: how it ends says why. One that stays is ended as silent.
  }
  const result = await child;
  clearInterval(watch);
  if (!isDone) programs.forEach(killGroup); // a child that was killed could not end what it had started
  if (thrown !== undefined) throw thrown.error;
  const log = result.all;
  if (isDone) return { log };
  const { exitCode, signal } = result;
  return { log, failure: failureOf({ stderr: log, exitCode, signal, killedFor }) };
}

/** Resident memory of a process, where the system tells (Linux). */
function residentBytes(pid: number | undefined): Bytes | undefined {
  if (pid === undefined || process.platform !== "linux") return undefined;
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined; // it has just ended
  }
}
