// Training cases: one model trained and evaluated from its seed.

import { systemClock } from "#base/clock";
import { HarnessError } from "#base/errors";
import type { Seconds } from "#base/units";
import { caseId, type TrainingCase } from "#case/case";
import type { RunningEngine } from "#engine/engine";
import { host } from "#host/current";
import { train } from "#tasks/train";
import type { TrainingProgress } from "#training/train";
import type { AtomRequest } from "../protocol.ts";
import { gpuStateOf } from "./gpu-state.ts";
import type { Workload } from "./workload.ts";
import { sendFailure } from "./failure.ts";

export const measureTraining: Workload = async (request, engine, send) => {
  const stop = stopOnTerm();
  for (const item of request.cases) {
    if (item.kind !== "training") continue;
    if (request.timedSteps !== undefined) {
      await send({ type: "steps", seconds: await secondsOfSteps(item, request.timedSteps, { request, engine }) });
      continue;
    }
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
      const line = { caseId: caseId(item), round: 0, startedAt, ...gpuStateOf(engine), training };
      await send({ type: "line", line });
    } catch (error) {
      if (stop.aborted) throw error; // no failure of the case: a resumed run goes on from its checkpoint
      await sendFailure(send, caseId(item), error);
    }
  }
};

/** The first steps compile and warm up. */
const WARMUP_STEPS = 3;

/** Times of `count` steps; the training ends with them, without checkpoint and picture. */
async function secondsOfSteps(
  item: TrainingCase,
  count: number,
  { request, engine }: { request: AtomRequest; engine: RunningEngine },
): Promise<Seconds[]> {
  const taken: Seconds[] = [];
  const enough = new AbortController();
  const onProgress = ({ step, seconds }: TrainingProgress) => {
    if (step > WARMUP_STEPS) taken.push(seconds);
    if (taken.length === count) enough.abort();
  };
  const { dataDir, inceptionWeights } = request.training;
  try {
    await train(item, { dataDir, inceptionWeights, engine, signal: enough.signal, onProgress, isForTimes: true });
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  }
  return taken.slice(0, count);
}

/** Aborts when the parent asks this process to end, so that a training writes its checkpoint first. */
function stopOnTerm(): AbortSignal {
  const controller = new AbortController();
  host.processes.onAskedToEnd(() => controller.abort(new HarnessError("E_INTERRUPTED", "stopped by the run")));
  return controller.signal;
}
