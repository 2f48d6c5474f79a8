// Runs something differentiable and compares outputs and gradients with expected ones: what conformance cases and
// vector files share.

import type { NamedTensor } from "#base/safetensors";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { largestMagnitude, largestRelativeError, toleranceOf, type Precision } from "#engine/tolerance";
import type { TensorMap } from "./with-gradient.ts";

export type NamedTensors = Readonly<Record<string, NamedTensor>>;
export type Values = Readonly<Record<string, ArrayLike<number>>>;

/** Values of all outputs, and of the gradients of Σ out · cotangent. */
export interface Evaluation {
  readonly outputs: Values;
  readonly gradients: Values;
}

export interface NamedError {
  /** `out`, `state`, `lse`, `grad.q`, … */
  readonly name: string;
  /** largest relative error */
  readonly error: number;
  readonly tolerance: number;
  /** where rows were compared: the place of the worst one */
  readonly at?: string;
}

export interface Evaluated {
  /** Tensors by name → `out` and whatever else it gives. */
  readonly run: (inputs: TensorMap) => TensorMap;
  /** inputs to differentiate */
  readonly inputs: NamedTensors;
  /** inputs without a gradient, such as masks */
  readonly fixed?: NamedTensors;
  readonly cotangent: NamedTensor;
}

/** Evaluates outputs and gradients on the current engine, and leaves no tensor behind. */
export async function evaluate({ run, inputs, fixed = {}, cotangent }: Evaluated): Promise<Evaluation> {
  const names = Object.keys(inputs);
  let outputs: TensorMap = {};
  const gradients = tf.tidy(() => {
    const constants = tensorsOf(fixed);
    const differentiate = tf.grads((...list) => {
      const given = Object.fromEntries(names.map((name, i) => [name, list[i]!]));
      const results = run({ ...given, ...constants });
      outputs = Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, tf.keep(tensor.clone())]));
      return results["out"]!;
    });
    return differentiate(Object.values(tensorsOf(inputs)), tf.tensor(cotangent.data, [...cotangent.shape]));
  });
  const named = Object.fromEntries(names.map((name, i) => [name, gradients[i]!]));
  return { outputs: await takeValues(outputs), gradients: await takeValues(named) };
}

/** Reads and disposes of tensors. */
export async function takeValues(tensors: TensorMap): Promise<Values> {
  const entries: [string, ArrayLike<number>][] = [];
  for (const [name, tensor] of Object.entries(tensors)) {
    entries.push([name, await tensor.data()]);
    tensor.dispose();
  }
  return Object.fromEntries(entries);
}

/** Tensors on the current engine; the caller disposes of them. */
export function tensorsOf(values: NamedTensors): TensorMap {
  return Object.fromEntries(
    Object.entries(values).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
  );
}

/** Errors of everything expected that was computed. Outputs that were not formed (a state, say) are left out; a missing `out` or gradient counts as ∞. */
export function errorsOf(
  actual: Evaluation,
  expected: Evaluation,
  precision: Precision,
  kind: RunningEngine["device"]["kind"],
): NamedError[] {
  const { output, gradient } = toleranceOf(precision, kind);
  const scale = Math.max(0, ...Object.values(expected.gradients).map(largestMagnitude));
  const outputs = Object.entries(expected.outputs)
    .filter(([name]) => name === "out" || actual.outputs[name] !== undefined)
    .map(([name, values]) => ({
      name,
      error: largestRelativeError(actual.outputs[name] ?? [], values),
      tolerance: output,
    }));
  const gradients = Object.entries(expected.gradients).map(([name, values]) => ({
    name: `grad.${name}`,
    error: largestRelativeError(actual.gradients[name] ?? [], values, scale),
    tolerance: gradient,
  }));
  return [...outputs, ...gradients];
}

/** Whether every error is within its tolerance; nothing compared is not a success. */
export function allWithin(errors: readonly NamedError[]): boolean {
  return errors.length > 0 && errors.every(({ error, tolerance }) => error <= tolerance);
}
