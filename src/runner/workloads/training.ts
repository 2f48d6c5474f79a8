// Training cases: one model trained and evaluated from its seed.

import { systemClock } from "#base/clock";
import { HarnessError } from "#base/errors";
import { caseId } from "#case/case";
import { train } from "#tasks/train";
import type { Workload } from "./workload.ts";
import { sendFailure } from "./failure.ts";

export const measureTraining: Workload = async (request, engine, send) => {
  const stop = stopOnTerm();
  for (const item of request.cases) {
    if (item.kind !== "training") continue;
    await send({ type: "touching", caseId: caseId(item) });
    const startedAt = systemClock.timestamp();
    try {
      const training = await train(item, {
        ...request.training,
        engine,
        signal: stop,
        onProgress: ({ step, steps, loss, secondsLeft }) =>
          void send({ type: "progress", done: step, total: steps, loss, secondsLeft }),
      });
      await send({ type: "line", line: { caseId: caseId(item), round: 0, startedAt, training } });
    } catch (error) {
      if (stop.aborted) throw error; // no failure of the case: a resumed run goes on from its checkpoint
      await sendFailure(send, caseId(item), error);
    }
  }
};

/** Aborts when the parent asks this process to end, so that a training writes its checkpoint first. */
function stopOnTerm(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGTERM", () => controller.abort(new HarnessError("E_INTERRUPTED", "stopped by the run")));
  return controller.signal;
}
