// Decode cases: the time of one more token after a context of N tokens.

import { HarnessError } from "#base/errors";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { Callable } from "#measure/callable";
import type { Decoder, DecoderState } from "#ops/operator";
import { operators } from "#ops/registry";
import type { DecodeCase } from "#case/case";
import { drawDecoding, type DrawnDecoding } from "./decode-inputs.ts";
import { timeWithPrograms } from "./side-by-side.ts";
import type { Workload } from "./workload.ts";

export const measureDecoding: Workload = (request, engine, send) =>
  timeWithPrograms(
    request.cases.filter((item) => item.kind === "decode"),
    { request, engine, send },
    async (item) => ({
      callable: await decodeCallable(item, engine),
      facts: { strategy: "decoder" },
    }),
  );

/** A token takes microseconds; so many of them make the clock's own time negligible. */
const TOKENS_PER_CALL = 16;

/** Every token is the next one from the same state, so the context stays N tokens long. */
async function decodeCallable(item: DecodeCase, engine: RunningEngine): Promise<Callable> {
  const { decoder } = await operators.get(item.spec.op).load();
  if (decoder === undefined) throw new HarnessError("E_UNSUPPORTED", `${item.spec.op} has no token-by-token form`);
  const drawn = drawDecoding(item);
  const state = contextState(item, decoder, drawn);
  return {
    id: item.contender,
    inputSets: drawn.tokens.length,
    repeats: TOKENS_PER_CALL,
    call: async (set) => {
      const token = drawn.tokens[set]!;
      const steps = Array.from({ length: TOKENS_PER_CALL }, () => tf.tidy(() => decoder.step(token, state, item.spec)));
      const { out } = steps.at(-1)!;
      await engine.synchronise(out);
      const free = () => {
        // A state that did not change is handed on, not copied.
        const kept = new Set(Object.values(state));
        for (const step of steps)
          tf.dispose([step.out, ...Object.values(step.state).filter((tensor) => !kept.has(tensor))]);
      };
      return Object.assign(free, { keep: () => drawn.keep(out, set, engine.device.kind) });
    },
  };
}

function contextState(item: DecodeCase, decoder: Decoder, drawn: DrawnDecoding): DecoderState {
  const context = drawn.context();
  const state = tf.tidy(() => decoder.begin(context, item.spec, item.shape));
  for (const tensor of Object.values(context)) {
    if (!Object.values(state).includes(tensor)) tensor.dispose();
  }
  return state;
}
