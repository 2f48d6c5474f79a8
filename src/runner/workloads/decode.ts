// Decode cases: the time of one more token after a context of N tokens.

import { Random } from "#base/random";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { Callable, Check } from "#measure/callable";
import type { Decoder, DecoderState, InputName, Inputs } from "#ops/operator";
import { randomInputs, toTensors } from "#ops/random-inputs";
import { operators } from "#ops/registry";
import { keepTimed } from "#ops/timed-check";
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

/** Two tokens in turn, so that who gives the output of another call is found. */
const INPUT_SETS = 2;

/** Every token is the next one from the same state, so the context stays N tokens long. */
async function decodeCallable(item: DecodeCase, engine: RunningEngine): Promise<Callable> {
  const declaration = operators.get(item.spec.op);
  const { decoder } = await declaration.load();
  if (decoder === undefined) throw new HarnessError("E_UNSUPPORTED", `${item.spec.op} has no token-by-token form`);
  const random = new Random(item.seed);
  const state = contextState(item, decoder, random);
  const tokens = Array.from({ length: INPUT_SETS }, (_, set) => tokenInputs(item, random.fork(`token ${set}`)));
  const toCheck = random.fork("parts to check");
  return {
    id: item.contender,
    inputSets: INPUT_SETS,
    repeats: TOKENS_PER_CALL,
    call: async (set) => {
      const token = tokens[set]!;
      const steps = Array.from({ length: TOKENS_PER_CALL }, () => tf.tidy(() => decoder.step(token, state, item.spec)));
      const { out } = steps.at(-1)!;
      await engine.synchronise(out);
      const free = () => {
        // A state that did not change is handed on, not copied.
        const kept = new Set(Object.values(state));
        for (const step of steps)
          tf.dispose([step.out, ...Object.values(step.state).filter((tensor) => !kept.has(tensor))]);
      };
      return Object.assign(free, { keep: () => keepDecoded({ item, engine, random, token, out, toCheck }) });
    },
  };
}

interface Decoded {
  readonly item: DecodeCase;
  readonly engine: RunningEngine;
  readonly random: Random;
  readonly token: Inputs<tf.Tensor>;
  readonly out: tf.Tensor;
  readonly toCheck: Random;
}

/** The output is that of the last token of the causal form on context and token. */
async function keepDecoded({ item, engine, random, token, out, toCheck }: Decoded): Promise<Check> {
  const operator = operators.get(item.spec.op);
  const { B, H, N, D, E } = item.shape;
  const shape = shapeOf({ grid: [N + 1], B, H, D, E });
  const common = { operator, spec: item.spec, shape, pass: "forward", precision: "float32" } as const;
  const check = await keepTimed({ ...common, kind: engine.device.kind, lastOnly: true }, { given: { out } }, toCheck);
  return async () => {
    const context = contextInputs(item, random);
    const inputs = Object.fromEntries(
      Object.entries(context).map(([name, tensor]) => [name, followedBy(token[name as InputName]!, tensor)]),
    );
    await check({ inputs, cotangent: out });
    tf.dispose(inputs);
  };
}

/** Context and token along the tokens; a decay that belongs to a head as it is. */
function followedBy(token: tf.Tensor, context: tf.Tensor): tf.Tensor {
  if (context.rank < 3) return context;
  const whole = tf.concat([context, token], 2);
  context.dispose();
  return whole;
}

function tokenInputs(item: DecodeCase, random: Random): Inputs<tf.Tensor> {
  const declaration = operators.get(item.spec.op);
  const { B, H, D, E } = item.shape;
  const one = shapeOf({ grid: [1], B, H, D, E });
  return toTensors(
    randomInputs(declaration, item.spec, { shape: one, random }),
    declaration.inputShapes(item.spec, one),
  );
}

function contextInputs(item: DecodeCase, random: Random): Inputs<tf.Tensor> {
  const declaration = operators.get(item.spec.op);
  return toTensors(
    randomInputs(declaration, item.spec, { shape: item.shape, random: random.fork("context") }),
    declaration.inputShapes(item.spec, item.shape),
  );
}

function contextState(item: DecodeCase, decoder: Decoder, random: Random): DecoderState {
  const context = contextInputs(item, random);
  const state = tf.tidy(() => decoder.begin(context, item.spec, item.shape));
  for (const tensor of Object.values(context)) {
    if (!Object.values(state).includes(tensor)) tensor.dispose();
  }
  return state;
}
