// Seeded inputs for an operator: the distributions that trained layers would roughly show.

import type { Random } from "#base/random";
import type { NamedTensor } from "#base/safetensors";
import * as tf from "#engine/tf";
import type { OperatorSpec, Shape } from "#case/case";
import { sizeOf } from "./least-work.ts";
import { INPUT_NAMES, type InputName, type Inputs, type OperatorDeclaration } from "./operator.ts";

/** Divisor of the log decays of GLA (Yang et al., arXiv:2312.06635): without it a state forgets within a few tokens. */
const GLA_DIVISOR = 16;

/**
 * Values for every input that the spec takes: q, k, v, g standard normal; data-dependent log decays logsigmoid(normal)/16
 * as in GLA, constant ones log(1 − 2^{−5−h}) as in RetNet. Each input has a stream of its own.
 *
 * @param kept what was drawn before from the same `random`, and where it is kept; they are not to be changed
 */
export function randomInputs(
  declaration: OperatorDeclaration,
  spec: OperatorSpec,
  { shape, random, kept = new Map() }: { shape: Shape; random: Random; kept?: DrawnInputs },
): Inputs<Float32Array<ArrayBuffer>> {
  const shapes = declaration.inputShapes(spec, shape);
  const valuesOf = (name: InputName) => {
    const key = `${name} ${shapes[name]!.join("×")}`;
    const values = kept.get(key) ?? randomInput(name, shapes[name]!, shape, random.fork(name));
    kept.set(key, values);
    return values;
  };
  const names = INPUT_NAMES.filter((name) => shapes[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, valuesOf(name)]));
}

/** Values by name and shape. */
export type DrawnInputs = Map<string, Float32Array<ArrayBuffer>>;

function randomInput(
  name: InputName,
  dims: readonly number[],
  { H }: Shape,
  random: Random,
): Float32Array<ArrayBuffer> {
  const size = sizeOf(dims);
  if (name !== "logDecay") return random.normals(size);
  const perHead = dims.length <= 2; // [H], or [scans, H]
  return Float32Array.from({ length: size }, (_, i) =>
    perHead ? Math.log1p(-(2 ** (-5 - (i % H)))) : logSigmoid(random.normal()) / GLA_DIVISOR,
  );
}

function logSigmoid(x: number): number {
  return Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
}

/** Shapes of the inputs that are optional for any spec. */
export function optionalShapes({ B, H, N, D, E }: Shape): {
  readonly [Name in "mask" | "initialState" | "initialLse"]: readonly number[];
} {
  return { mask: [B, N], initialState: [B, H, D, E], initialLse: [B, H, D] };
}

/** Tensors of values on the current engine; the caller disposes of them. */
export function toTensors(
  values: Inputs<Float32Array>,
  shapes: { readonly [Name in InputName]?: readonly number[] },
): Inputs<tf.Tensor> {
  return Object.fromEntries(
    Object.entries(values).map(([name, data]) => [name, tf.tensor(data, [...shapes[name as InputName]!])]),
  );
}

/** Values beside their shapes, ready to become tensors. */
export function withShapes(
  values: Inputs<Float32Array<ArrayBuffer>>,
  shapes: { readonly [Name in InputName]?: readonly number[] },
): { [Name in InputName]?: NamedTensor } {
  return Object.fromEntries(
    Object.entries(values).map(([name, data]) => [name, { data, shape: shapes[name as InputName]! }]),
  );
}
