// Cases of one training step: its time from given weights and moments, forward, backward and optimiser.

import type { TrainStepCase } from "#case/case";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { Callable } from "#measure/callable";
import { DrawnStep, stepValues } from "./train-step-inputs.ts";
import { timeWithPrograms } from "./side-by-side.ts";
import type { Workload } from "./workload.ts";

export const measureTrainSteps: Workload = (request, engine, send) =>
  timeWithPrograms(
    request.cases.filter((item) => item.kind === "train-step"),
    { request, engine, send },
    async (item) => ({ callable: await stepCallable(item, engine), facts: { strategy: "default" } }),
  );

/** Every step starts at the same weights, so that each does the same work. */
async function stepCallable(item: TrainStepCase, engine: RunningEngine): Promise<Callable> {
  const drawn = await DrawnStep.create(item, engine);
  return {
    id: item.contender,
    inputSets: drawn.batches.length,
    call: async (set) => {
      const stepped = drawn.run(set);
      await engine.synchronise(stepped.weights);
      const keep = async () => {
        const given = await stepValues(stepped, drawn.start);
        return () => drawn.check(given, set, engine.device.kind);
      };
      return Object.assign(() => tf.dispose({ ...stepped }), { keep });
    },
  };
}
