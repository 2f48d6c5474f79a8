// Operators on numbers stored as float16: what is stored so, and who can.

import type { RunningEngine } from "#engine/engine";
import type { HalfKernels } from "#engine/kernels";
import * as tf from "#engine/tf";
import type { OperatorSpec, Shape } from "#suite/case";
import { tensorsOf, type NamedTensors } from "./compare.ts";
import type { InputName, Inputs, Strategy } from "./operator.ts";

interface Where {
  readonly spec: OperatorSpec;
  readonly shape: Shape;
  readonly engine: RunningEngine;
}

/** Undefined where the strategy computes this spec on halves here, else the reason why not. */
export function unsupportedAsHalf(strategy: Strategy, { spec, shape, engine }: Where, inputs: readonly InputName[]): string | undefined {
  const kernels = engine.kernels.half;
  if (kernels === undefined) return `engine ${engine.id} does not store numbers as float16`;
  if (strategy.half === undefined) return `strategy ${strategy.id} has no form on float16`;
  if (shape.D % 4 !== 0 || shape.E % 4 !== 0) return `float16 needs widths that are multiples of 4, got D ${shape.D} and E ${shape.E}`;
  const other = inputs.find((name) => name === "mask" || name === "initialState" || name === "initialLse");
  if (other !== undefined) return `the form on float16 takes no ${other}`;
  return strategy.unsupported(spec, shape, engine, inputs) ?? strategy.half.unsupported(spec, inputs, kernels);
}

/** Every input of one number a token, head and channel as halves; one number a token or head stays float32. The given tensors stay the caller's. */
export function toHalfInputs(inputs: Inputs<tf.Tensor>, kernels: HalfKernels): Inputs<tf.Tensor> {
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, tensor.rank === 4 ? kernels.toHalves(tensor) : tensor.clone()]));
}

/** Values of `out` by a strategy that can do it, and of the inputs as they were stored: what is to be expected follows from those. */
export async function evaluateHalf(strategy: Strategy, { spec, shape, engine }: Where, inputs: NamedTensors): Promise<{ out: ArrayLike<number>; stored: NamedTensors }> {
  const kernels = engine.kernels.half!;
  const { out, ...halves } = tf.tidy(() => {
    const given = toHalfInputs(tensorsOf(inputs), kernels);
    return { ...given, out: kernels.fromHalves(strategy.half!.run(given, spec, shape, kernels)) } as Record<string, tf.Tensor>;
  });
  const stored: Record<string, NamedTensors[string]> = {};
  for (const [name, { shape: dims }] of Object.entries(inputs)) {
    const wide = dims.length === 4 ? kernels.fromHalves(halves[name]!) : halves[name]!.clone();
    stored[name] = { shape: dims, data: Float32Array.from(await wide.data()) };
    tf.dispose([wide, halves[name]!]);
  }
  const values = await out!.data();
  out!.dispose();
  return { out: values, stored };
}
