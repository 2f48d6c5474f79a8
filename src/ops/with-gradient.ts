// A function of several tensors with several outputs and a gradient of its own. `tf.customGrad` knows one output
// only; the engine below it knows any number, and is used directly here.

import * as tf from "#engine/tf";
import type { Inputs } from "./operator.ts";

export type TensorMap = Readonly<Record<string, tf.Tensor>>;

export interface DifferentiableFunction<I extends TensorMap, O extends TensorMap> {
  readonly inputs: I;
  /**
   * Runs untaped and tidied. Only the tensors in `saved` live until the backward pass: whatever it needs,
   * inputs included, must be there.
   */
  forward(): { readonly outputs: O; readonly saved: TensorMap };
  /** Cotangents of all outputs (zeros where an output went unused) → gradient of every input. */
  backward(cotangents: O, saved: TensorMap): { readonly [Name in keyof I]: tf.Tensor };
}

/** The inputs that have gradients: all but the mask. */
export function differentiableOf(inputs: Inputs<tf.Tensor>): TensorMap {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== "mask"));
}

/** Gradients of the inputs that have them, in their shapes. */
export function reshapedAs(inputs: Inputs<tf.Tensor>, gradients: Partial<Record<string, tf.Tensor>>): TensorMap {
  return Object.fromEntries(
    Object.entries(differentiableOf(inputs)).map(([name, input]) => [name, tf.reshape(gradients[name]!, input.shape)]),
  );
}

type Gradients = Record<string, () => tf.Tensor>;

/** The part of the tfjs engine that `tf.customGrad` itself is written with; stable since tfjs 1.0, absent from its types. */
interface TapeEngine {
  runKernelFunc(call: {
    forwardFunc: (backend: unknown, save: (tensors: tf.Tensor[]) => void) => tf.Tensor[];
    backwardsFunc: (cotangents: tf.Tensor | tf.Tensor[], saved: tf.Tensor[]) => Gradients;
    inputs: TensorMap;
  }): tf.Tensor[];
}

/** Evaluates `forward` and, where gradients are being taken, records `backward` in its stead. */
export function withGradient<I extends TensorMap, O extends TensorMap>(call: DifferentiableFunction<I, O>): O {
  let outputNames: string[] = [];
  let savedNames: string[] = [];
  const engine = tf.engine() as unknown as TapeEngine;
  const outputs = engine.runKernelFunc({
    inputs: call.inputs,
    forwardFunc: (_backend, save) => {
      const result = call.forward();
      outputNames = Object.keys(result.outputs);
      savedNames = Object.keys(result.saved);
      save(Object.values(result.saved));
      return Object.values(result.outputs);
    },
    backwardsFunc: (cotangents, saved) => {
      const list = Array.isArray(cotangents) ? cotangents : [cotangents];
      const gradients = tf.tidy(
        () => call.backward(named(outputNames, list) as O, named(savedNames, saved)) as tf.NamedTensorMap,
      );
      return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, () => gradient]));
    },
  });
  return named(outputNames, outputs) as O;
}

function named(names: readonly string[], tensors: readonly tf.Tensor[]): TensorMap {
  return Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
}
