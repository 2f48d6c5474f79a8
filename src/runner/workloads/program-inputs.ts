// What a program is given for a case, what it has to give back, and how that is checked: the protocol's side of operator and
// decode cases.

import { prefixedKeys } from "#base/prefixed";
import type { DeviceDescription, RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { Check } from "#measure/callable";
import { operators } from "#ops/registry";
import { keepTimed } from "#ops/timed-check";
import type { DecodeCase, OperatorCase } from "#case/case";
import type { ProgramCase } from "../outside.ts";
import { drawDecoding } from "./decode-inputs.ts";
import { drawOperator } from "./operator-inputs.ts";

type Tensors = Readonly<Record<string, tf.Tensor>>;

export interface DrawnForProgram {
  /** by the names of the protocol */
  readonly sets: readonly Tensors[];
  /** shapes of what is fetched after a call, by the names of the protocol */
  readonly results: Readonly<Record<string, readonly number[]>>;
  /** Reads results of a call on a set, which stay the caller's. @returns compares them with the definition */
  readonly keep: (results: Tensors, set: number, kind: DeviceDescription["kind"]) => Promise<Check>;
  readonly dispose: () => void;
}

export function drawForProgram(item: ProgramCase, engine: RunningEngine): DrawnForProgram {
  return item.kind === "decode" ? forDecoding(item) : forOperator(item, engine);
}

/** The inputs, with a backward pass the cotangent of `out` as well; back come `out`, or `grad.<input>`. */
function forOperator(item: OperatorCase, engine: RunningEngine): DrawnForProgram {
  const { sets: inputs, cotangent, form, toCheck } = drawOperator(item, item.shape, engine);
  const isForward = item.pass === "forward";
  const shapes = operators.get(item.spec.op).inputShapes(item.spec, item.shape);
  return {
    sets: inputs.map((set) => ({ ...set, ...(isForward ? {} : { cotangent }) })),
    results: isForward ? { out: cotangent.shape } : prefixedKeys("grad.", shapes),
    keep: async (results, set, kind) => {
      const given = Object.fromEntries(Object.entries(results).map(([name, x]) => [name.replace("grad.", ""), x]));
      const check = await keepTimed({ ...form, kind }, { given }, toCheck);
      return () => check({ inputs: inputs[set]!, cotangent });
    },
    dispose: () => tf.dispose([...inputs.map((set) => ({ ...set })), cotangent]),
  };
}

/** A token's inputs, and the context's as `context.<input>`; back comes the token's `out`. */
function forDecoding(item: DecodeCase): DrawnForProgram {
  const { tokens, context, keep } = drawDecoding(item);
  const before = prefixedKeys("context.", context() as Tensors);
  const { B, H, E } = item.shape;
  return {
    sets: tokens.map((token) => ({ ...token, ...before })),
    results: { out: [B, H, 1, E] },
    keep: ({ out }, set, kind) => keep(out!, set, kind),
    dispose: () => tf.dispose([...tokens.map((token) => ({ ...token })), before]),
  };
}
