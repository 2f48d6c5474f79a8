// A custom gradient for functions with several outputs; tf.customGrad knows one only.

import * as tf from "#engine/tf";

export interface Differentiable {
  /** Outputs of the inputs. Runs without a tape, inside a tidy. */
  forward(inputs: readonly tf.Tensor[]): tf.Tensor[];
  /** One gradient for each input; `outputGradients` are zeros where an output was not used. */
  backward(inputs: readonly tf.Tensor[], outputGradients: readonly tf.Tensor[]): tf.Tensor[];
}

interface KernelInvocation {
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly forwardFunc: (backend: unknown, save: (tensors: readonly tf.Tensor[]) => void) => tf.Tensor[];
  readonly backwardsFunc: (dy: tf.Tensor | tf.Tensor[], saved: tf.Tensor[]) => Record<string, () => tf.Tensor>;
}

/** Runs `differentiable.forward`, and has tfjs call `differentiable.backward` for its gradients. Only the inputs are kept. */
export function withGradient(inputs: readonly tf.Tensor[], differentiable: Differentiable): tf.Tensor[] {
  // customGrad is this same call with one output; the engine takes several, its type says private.
  const engine = tf.engine() as unknown as { runKernelFunc(invocation: KernelInvocation): tf.Tensor[] };
  return engine.runKernelFunc({
    inputs: Object.fromEntries(inputs.map((input, i) => [String(i), input])),
    forwardFunc: (_backend, save) => {
      save(inputs);
      return differentiable.forward(inputs);
    },
    backwardsFunc: (dy, saved) => {
      const gradients = differentiable.backward(saved, Array.isArray(dy) ? dy : [dy]);
      return Object.fromEntries(gradients.map((gradient, i) => [String(i), () => gradient]));
    },
  });
}
