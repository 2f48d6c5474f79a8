// What a decode case computes on: a context of N tokens, the tokens that may come next, and what the output of one is checked by.

import { Random } from "#base/random";
import type { DeviceDescription } from "#engine/engine";
import * as tf from "#engine/tf";
import type { Check } from "#measure/callable";
import type { InputName, Inputs } from "#ops/operator";
import { randomInputs, toTensors } from "#ops/random-inputs";
import { operators } from "#ops/registry";
import { keepTimed } from "#ops/timed-check";
import type { DecodeCase, Shape } from "#case/case";
import { shapeOf } from "#case/shape";

/** Two tokens in turn, so that who gives the output of another call is found. */
const INPUT_SETS = 2;

export interface DrawnDecoding {
  /** inputs [B,H,1,·] of one token each; a decay per head as it is */
  readonly tokens: readonly Inputs<tf.Tensor>[];
  /** inputs of the N tokens before it, made anew; the caller's */
  readonly context: () => Inputs<tf.Tensor>;
  /** Reads the output of a token. @returns compares it with the causal form on context and token */
  readonly keep: (out: tf.Tensor, set: number, kind: DeviceDescription["kind"]) => Promise<Check>;
}

/** Tokens and context of a case, alike for all contenders of a point. */
export function drawDecoding(item: DecodeCase): DrawnDecoding {
  const random = new Random(item.seed);
  const { B, H, D, E } = item.shape;
  const one = shapeOf({ grid: [1], B, H, D, E });
  const tokens = Array.from({ length: INPUT_SETS }, (_, set) => inputsAt(item, one, random.fork(`token ${set}`)));
  const context = () => inputsAt(item, item.shape, random.fork("context"));
  const toCheck = random.fork("parts to check");
  return {
    tokens,
    context,
    keep: (out, set, kind) => keepDecoded(item, { token: tokens[set]!, context, out, kind, toCheck }),
  };
}

function inputsAt({ spec }: DecodeCase, shape: Shape, random: Random): Inputs<tf.Tensor> {
  const declaration = operators.get(spec.op);
  return toTensors(randomInputs(declaration, spec, { shape, random }), declaration.inputShapes(spec, shape));
}

interface Decoded {
  readonly token: Inputs<tf.Tensor>;
  readonly context: () => Inputs<tf.Tensor>;
  readonly out: tf.Tensor;
  readonly kind: DeviceDescription["kind"];
  readonly toCheck: Random;
}

/** The output is that of the last token of the causal form on context and token. */
async function keepDecoded({ spec, shape: given }: DecodeCase, decoded: Decoded): Promise<Check> {
  const { token, context, out, kind, toCheck } = decoded;
  const operator = operators.get(spec.op);
  const { B, H, N, D, E } = given;
  const shape = shapeOf({ grid: [N + 1], B, H, D, E });
  const form = { operator, spec, shape, pass: "forward", precision: "float32", kind, lastOnly: true } as const;
  const check = await keepTimed(form, { given: { out } }, toCheck);
  return async () => {
    const inputs = Object.fromEntries(
      Object.entries(context()).map(([name, tensor]) => [name, followedBy(token[name as InputName]!, tensor)]),
    );
    try {
      await check({ inputs, cotangent: out });
    } finally {
      tf.dispose(inputs);
    }
  };
}

/** Context and token along the tokens; a decay that belongs to a head as it is. */
function followedBy(token: tf.Tensor, context: tf.Tensor): tf.Tensor {
  if (context.rank < 3) return context;
  const whole = tf.concat([context, token], 2);
  context.dispose();
  return whole;
}
