// What a program is given for a case, what it has to give back, and how that is checked: the protocol's side of every workload.

import { prefixedKeys } from "#base/prefixed";
import type { NamedTensor } from "#base/safetensors";
import type { DeviceDescription, RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { Check } from "#measure/callable";
import { operators } from "#ops/registry";
import { keepTimed } from "#ops/timed-check";
import type { DecodeCase, OperatorCase, TrainStepCase } from "#case/case";
import type { Batch } from "#tasks/step-model";
import { STATE_NAMES } from "#tasks/step-start";
import type { ProgramCase } from "../outside.ts";
import { drawDecoding } from "./decode-inputs.ts";
import { drawOperator } from "./operator-inputs.ts";
import { DrawnStep } from "./train-step-inputs.ts";

type Tensors = Readonly<Record<string, tf.Tensor>>;

export interface DrawnForProgram {
  readonly setCount: number;
  /** by the names of the protocol */
  readonly sets: () => Promise<readonly ReadonlyMap<string, NamedTensor>[]>;
  /** shapes of what is fetched after a call, by the names of the protocol */
  readonly results: Readonly<Record<string, readonly number[]>>;
  /** Reads results of a call on a set, which stay the caller's. @returns compares them with the definition */
  readonly keep: (results: Tensors, set: number, kind: DeviceDescription["kind"]) => Promise<Check>;
  readonly dispose: () => void;
}

export function drawForProgram(item: ProgramCase, engine: RunningEngine): Promise<DrawnForProgram> | DrawnForProgram {
  switch (item.kind) {
    case "operator":
      return forOperator(item, engine);
    case "decode":
      return forDecoding(item);
    case "train-step":
      return forTrainStep(item, engine);
  }
}

/** The inputs, with a backward pass the cotangent of `out` as well; back come `out`, or `grad.<input>`. */
function forOperator(item: OperatorCase, engine: RunningEngine): DrawnForProgram {
  const { sets: inputs, cotangent, form, toCheck } = drawOperator(item, item.shape, engine);
  const isForward = item.pass === "forward";
  const shapes = operators.get(item.spec.op).inputShapes(item.spec, item.shape);
  return {
    setCount: inputs.length,
    sets: () => read(inputs.map((set) => ({ ...set, ...(isForward ? {} : { cotangent }) }))),
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
    setCount: tokens.length,
    sets: () => read(tokens.map((token) => ({ ...token, ...before }))),
    results: { out: [B, H, 1, E] },
    keep: ({ out }, set, kind) => keep(out!, set, kind),
    dispose: () => tf.dispose([...tokens.map((token) => ({ ...token })), before]),
  };
}

/**
 * A batch by its own names, and the start as `weight.<name>`, `moment1.<name>` and `moment2.<name>`; back come the `loss`, and
 * `grad.<name>` and `weight.<name>` of every weight.
 */
async function forTrainStep(item: TrainStepCase, engine: RunningEngine): Promise<DrawnForProgram> {
  const drawn = await DrawnStep.create(item, engine);
  const shapes = Object.fromEntries(drawn.start.declarations.map(({ name, shape }) => [name, shape]));
  return {
    setCount: drawn.batches.length,
    sets: () => Promise.resolve(drawn.batches.map((batch) => stepSet(drawn.start, batch))),
    results: { loss: [1], ...prefixedKeys("grad.", shapes), ...prefixedKeys("weight.", shapes) },
    keep: async (results, set, kind) => {
      const values = new Map<string, ArrayLike<number>>();
      for (const [name, tensor] of Object.entries(results)) values.set(name, await tensor.data());
      return () => drawn.check(values, set, kind);
    },
    dispose: () => drawn.dispose(),
  };
}

/** What a program is given for a batch. */
export function stepSet(start: DrawnStep["start"], batch: Batch): Map<string, NamedTensor> {
  const state = STATE_NAMES.flatMap((kind) =>
    [...start[kind]].map(([name, tensor]) => [`${kind}.${name}`, tensor] as const),
  );
  return new Map([...Object.entries(batch), ...state]);
}

async function read(sets: readonly Tensors[]): Promise<Map<string, NamedTensor>[]> {
  const named: Map<string, NamedTensor>[] = [];
  for (const tensors of sets) {
    const entries = Object.entries(tensors).map(
      async ([name, tensor]) =>
        [name, { shape: tensor.shape, data: (await tensor.data()) as Float32Array<ArrayBuffer> }] as const,
    );
    named.push(new Map(await Promise.all(entries)));
  }
  return named;
}
