// Gates that decays come from: by the engine's own kernel where it has one, else by operations of tfjs.

import type { DecayGateInputs, DecayGateOutputs, FusedKernels } from "#engine/kernels";
import { currentKernels } from "#engine/registry";
import * as tf from "#engine/tf";
import { withGradient, type TensorMap } from "#ops/with-gradient";

/**
 * f = b + (1 − b) σ(x), with a lower bound b per head and channel, or 0: logDecay = log f / temperature and, where keys are
 * tied to decays, key = 1 − f. x [..., H, N, D], bound [H, D]; differentiable in both.
 */
export function decayGate(inputs: DecayGateInputs): DecayGateOutputs {
  const { decayGate: kernel } = currentKernels();
  return kernel === undefined ? composed(inputs) : fused(inputs, kernel);
}

function fused(
  { x, bound, temperature, tied }: DecayGateInputs,
  kernel: NonNullable<FusedKernels["decayGate"]>,
): DecayGateOutputs {
  const given = (tensors: TensorMap): DecayGateInputs => ({ ...(tensors as { x: tf.Tensor }), temperature, tied });
  const inputs: TensorMap = { x, ...(bound === undefined ? {} : { bound }) };
  return withGradient({
    inputs,
    forward: () => ({ outputs: { ...kernel.forward(given(inputs)) } as TensorMap, saved: inputs }),
    backward: (cotangents, saved) => ({
      ...kernel.backward(given(saved), cotangents as unknown as DecayGateOutputs),
    }),
  }) as unknown as DecayGateOutputs;
}

function composed({ x, bound, temperature, tied }: DecayGateInputs): DecayGateOutputs {
  const other = tf.sigmoid(tf.neg(x));
  const key = bound === undefined ? other : tf.mul(tf.expandDims(tf.sub(1, bound), 1), other);
  // Without a bound log f goes below all bounds, and 1 − f has no digits left there.
  const log = bound === undefined ? tf.neg(tf.softplus(tf.neg(x))) : tf.log1p(tf.neg(key));
  return { logDecay: tf.div(log, temperature), ...(tied ? { key } : {}) };
}
