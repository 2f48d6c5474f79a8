// A case that failed while its process lives on.

import { HarnessError, describeError } from "#base/errors";
import { isDeviceLost, isOutOfMemory } from "../failure.ts";
import type { Send } from "./workload.ts";

/** What failed: said to the parent, which writes the record. @throws the error itself, where the process cannot go on after it */
export async function sendFailure(send: Send, caseId: string, error: unknown): Promise<void> {
  if (isDeviceLost(error)) throw error;
  const text = describeError(error);
  await send({
    type: "failed",
    caseId,
    status: statusOf(error, text),
    reason: text.split("\n")[0]!,
    error: error instanceof Error ? error.stack : undefined,
  });
}

/** Endings that are results: exit code 0. */
const STATUS_OF_CODE: Readonly<Record<string, "oom" | "timeout" | "skipped">> = {
  E_OUT_OF_MEMORY: "oom",
  E_PROGRAM_MEMORY: "oom",
  E_PROGRAM_TIMEOUT: "timeout",
  E_DECLINED: "skipped",
  E_NOT_SET_UP: "skipped",
};

function statusOf(error: unknown, text: string): "failed" | "oom" | "timeout" | "skipped" {
  const told = error instanceof HarnessError ? STATUS_OF_CODE[error.code] : undefined;
  return told ?? (isOutOfMemory(text) ? "oom" : "failed");
}
