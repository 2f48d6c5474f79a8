// A case that failed while its process lives on.

import { describeError } from "#base/errors";
import { isDeviceLost, isOutOfMemory } from "../failure.ts";
import type { Send } from "./workload.ts";

/** What failed: said to the parent, which writes the record. @throws the error itself, where the process cannot go on after it */
export async function sendFailure(send: Send, caseId: string, error: unknown): Promise<void> {
  if (isDeviceLost(error)) throw error;
  const text = describeError(error);
  await send({
    type: "failed",
    caseId,
    status: isOutOfMemory(text) ? "oom" : "failed",
    reason: text.split("\n")[0]!,
    error: error instanceof Error ? error.stack : undefined,
  });
}
