// Takes the place of runner/child-process.ts in what a page loads: a worker, started anew for each request and always
// brought to an end. It stands for a fresh process: code, memory of WebAssembly and GPU device are its own; the browser's
// process, and what that keeps between workers, it may share.

import { systemClock } from "#base/clock";
import { formatSeconds } from "#base/units";
import type { ChildLimits, ChildOutcome, runChild as runInNode } from "#runner/child-process";
import { isOutOfMemory, type Failure } from "#runner/failure";
import { isAboutOneOf, replySchema } from "#runner/protocol";
import type { WorkerReply, WorkerStart } from "../worker.ts";

export type { ChildLimits, ChildOutcome };

const POLL_MS = 250;

let base = "./";

/** To be called once: the folder with the page's files, ending with a slash. */
export function useWorkersAt(address: string): void {
  base = address;
}

export const runChild: typeof runInNode = (request, { timeoutSeconds, signal, caseIds }, onReply) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(`${base}worker.js`, { type: "module" });
    let lastHeard = systemClock.now();
    const end = (failure?: Failure) => {
      clearInterval(watch);
      signal?.removeEventListener("abort", stop);
      worker.terminate();
      resolve(failure === undefined ? { log: "" } : { log: failure.reason, failure });
    };
    const stop = () => end({ status: "failed", reason: "stopped" });
    const watch = setInterval(() => {
      if (systemClock.now() - lastHeard > timeoutSeconds)
        end({ status: "timeout", reason: `no result within ${formatSeconds(timeoutSeconds)}` });
    }, POLL_MS);
    worker.addEventListener("message", ({ data }: { data: unknown }) => {
      lastHeard = systemClock.now();
      const message = data as WorkerReply;
      if (message.type === "ended") return end(failureOf(message.reason));
      const { data: reply } = replySchema.safeParse(message);
      if (reply === undefined || !isAboutOneOf(reply, caseIds))
        return end({ status: "failed", reason: "the worker sent a message that is none of the protocol's" });
      try {
        onReply(reply);
      } catch (error) {
        end();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
      if (reply.type === "done") end();
    });
    worker.addEventListener("error", ({ message }) => {
      end(failureOf(message === "" || message === undefined ? "the browser ended it without a reason" : message));
    });
    if (signal?.aborted === true) return stop();
    signal?.addEventListener("abort", stop);
    const start: WorkerStart = { base, request };
    worker.postMessage(start);
  });

function failureOf(reason: string): Failure {
  if (isOutOfMemory(reason)) return { status: "oom", reason: `the worker ran out of memory (${reason})` };
  return { status: "failed", reason: `the worker ended early: ${reason}` };
}
