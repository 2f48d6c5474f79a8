// Decode cases: the time of one more token after a context of N tokens.

import { Random } from "#base/random";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { Callable } from "#measure/callable";
import type { Decoder, DecoderState } from "#ops/operator";
import { randomInputs, toTensors } from "#ops/random-inputs";
import { operators } from "#ops/registry";
import { caseId, type DecodeCase } from "#case/case";
import { shapeOf } from "#case/shape";
import { HarnessError } from "#base/errors";
import type { Workload } from "./workload.ts";
import { sendFailure } from "./failure.ts";
import { timeSideBySide, type Prepared } from "./timing.ts";

export const measureDecoding: Workload = async (request, engine, send) => {
  const prepared: Prepared[] = [];
  for (const item of request.cases.filter(({ kind }) => kind === "decode")) {
    await send({ type: "touching", caseId: caseId(item) });
    try {
      prepared.push({
        callable: await decodeCallable(item as DecodeCase, engine),
        caseId: caseId(item),
        facts: { strategy: "decoder" },
      });
    } catch (error) {
      await sendFailure(send, caseId(item), error);
    }
  }
  await timeSideBySide(prepared, request, { engine, send });
};

/** A token takes microseconds; so many of them make the clock's own time negligible. */
const TOKENS_PER_CALL = 16;

/** Every token is the same next one from the same state, so the context stays N tokens long. */
async function decodeCallable(item: DecodeCase, engine: RunningEngine): Promise<Callable> {
  const declaration = operators.get(item.spec.op);
  const { decoder } = await declaration.load();
  if (decoder === undefined) throw new HarnessError("E_UNSUPPORTED", `${item.spec.op} has no token-by-token form`);
  const random = new Random(item.seed);
  const state = contextState(item, decoder, random);
  const { B, H, D, E } = item.shape;
  const one = shapeOf({ grid: [1], B, H, D, E });
  const token = toTensors(
    randomInputs(declaration, item.spec, { shape: one, random: random.fork("token") }),
    declaration.inputShapes(item.spec, one),
  );
  return {
    id: item.contender,
    inputSets: 1,
    repeats: TOKENS_PER_CALL,
    call: async () => {
      const steps = Array.from({ length: TOKENS_PER_CALL }, () => tf.tidy(() => decoder.step(token, state, item.spec)));
      await engine.synchronise(steps.at(-1)!.out);
      return () => {
        // A state that did not change is handed on, not copied.
        const kept = new Set(Object.values(state));
        for (const step of steps)
          tf.dispose([step.out, ...Object.values(step.state).filter((tensor) => !kept.has(tensor))]);
      };
    },
  };
}

function contextState(item: DecodeCase, decoder: Decoder, random: Random): DecoderState {
  const declaration = operators.get(item.spec.op);
  const shapes = declaration.inputShapes(item.spec, item.shape);
  const context = toTensors(
    randomInputs(declaration, item.spec, { shape: item.shape, random: random.fork("context") }),
    shapes,
  );
  const state = tf.tidy(() => decoder.begin(context, item.spec, item.shape));
  for (const tensor of Object.values(context)) {
    if (!Object.values(state).includes(tensor)) tensor.dispose();
  }
  return state;
}
