// Operators on numbers stored as float16: what is stored so, and who can.

import type { NamedTensor } from "#base/safetensors";
import type { RunningEngine } from "#engine/engine";
import type { HalfKernels } from "#engine/kernels";
import * as tf from "#engine/tf";
import type { OperatorSpec, Shape } from "#case/case";
import { takeValues, tensorsOf, type Evaluation, type NamedTensors } from "./compare.ts";
import type { InputName, Inputs, Strategy } from "./operator.ts";

interface Where {
  readonly spec: OperatorSpec;
  readonly shape: Shape;
  readonly engine: RunningEngine;
}

/** Undefined where the strategy computes this spec on halves here, else the reason why not. */
export function unsupportedAsHalf(
  strategy: Strategy,
  { spec, shape, engine }: Where,
  inputs: readonly InputName[],
): string | undefined {
  const kernels = engine.kernels.half;
  if (kernels === undefined) return `engine ${engine.id} does not store numbers as float16`;
  if (strategy.half === undefined) return `strategy ${strategy.id} has no form on float16`;
  if (shape.D % 4 !== 0 || shape.E % 4 !== 0)
    return `float16 needs widths that are multiples of 4, got D ${shape.D} and E ${shape.E}`;
  const other = inputs.find((name) => name === "mask" || name === "initialState" || name === "initialLse");
  if (other !== undefined) return `the form on float16 takes no ${other}`;
  return strategy.unsupported(spec, shape, engine, inputs) ?? strategy.half.unsupported(spec, inputs, kernels);
}

/** Every input of one number a token, head and channel as halves; one number a token or head stays float32. The given tensors stay the caller's. */
export function toHalfInputs(inputs: Inputs<tf.Tensor>, kernels: HalfKernels): Inputs<tf.Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, tensor]) => [
      name,
      tensor.rank === 4 ? kernels.toHalves(tensor) : tensor.clone(),
    ]),
  );
}

/** Halves as float32. The given tensors stay the caller's. */
export function fromHalfTensors(tensors: Inputs<tf.Tensor>, kernels: HalfKernels): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      tensor.rank === 4 ? kernels.fromHalves(tensor) : tensor.clone(),
    ]),
  );
}

type Given = { readonly inputs: NamedTensors; readonly cotangent: NamedTensor };

/**
 * `out` and the gradients of Σ out · cotangent by a strategy that can do it, and inputs and cotangent as they were stored: what is
 * to be expected follows from those. Leaves no tensor behind.
 */
export async function evaluateHalf(
  strategy: Strategy,
  { spec, shape, engine }: Where,
  { inputs, cotangent }: Given,
): Promise<{ actual: Evaluation; stored: Given }> {
  const kernels = engine.kernels.half!;
  const tensors = tf.tidy(() => {
    const given = toHalfInputs(tensorsOf(inputs), kernels);
    const ofOut = kernels.toHalves(tf.tensor(cotangent.data, [...cotangent.shape]));
    const { out, backward } = strategy.half!.run(given, spec, shape, kernels);
    return {
      outputs: { out: kernels.fromHalves(out) },
      gradients: fromHalfTensors(backward(ofOut), kernels),
      stored: { ...fromHalfTensors(given, kernels), cotangent: kernels.fromHalves(ofOut) },
    };
  });
  const actual = { outputs: await takeValues(tensors.outputs), gradients: await takeValues(tensors.gradients) };
  const { cotangent: ofOut, ...values } = await takeValues(tensors.stored);
  const named = ({ shape: dims }: NamedTensor, data: ArrayLike<number>): NamedTensor => ({
    shape: dims,
    data: Float32Array.from(data),
  });
  const storedInputs = Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [name, named(input, values[name]!)]),
  );
  return { actual, stored: { inputs: storedInputs, cotangent: named(cotangent, ofOut!) } };
}
