// Log decays from their logits, and the keys tied to them, in one pass each way, by the formulas of the other engines:
// with m = e^{−|x|} nothing overflows, and log f is formed from 1 − f where that is below ½ and from f itself elsewhere.

import type { DecayGateInputs, FusedKernels } from "../kernels.ts";
import * as tf from "../tf.ts";
import { FOR_EACH, gridOf } from "./arrays.ts";
import { readOnly, written } from "./bindings.ts";
import type { Binding, Gpu } from "./dispatch.ts";

type Kernel = NonNullable<FusedKernels["decayGate"]>;

export function decayGate(gpu: Gpu): Kernel {
  return {
    forward(inputs) {
      const { x, tied } = inputs;
      const logDecay = gpu.output(x.shape as [number]);
      const key = tied ? gpu.output(x.shape as [number]) : undefined;
      const bindings = [written("logDecay", logDecay), ...(key === undefined ? [] : [written("key", key)])];
      run(gpu, inputs, bindings, forwardCode(inputs));
      return { logDecay, ...(key === undefined ? {} : { key }) };
    },
    backward(inputs, { logDecay, key }) {
      const { x, bound } = inputs;
      const dx = gpu.output(x.shape as [number]);
      const perToken = bound === undefined ? undefined : gpu.output(x.shape as [number]);
      const bindings = [
        written("dx", dx),
        readOnly("dLogDecay", logDecay),
        ...(key === undefined ? [] : [readOnly("dKey", key)]),
        ...(perToken === undefined ? [] : [written("dBound", perToken)]),
      ];
      run(gpu, inputs, bindings, backwardCode(inputs, key !== undefined));
      if (perToken === undefined) return { x: dx };
      const [H, D] = bound!.shape;
      const ofHeads = tf.reshape(perToken, [-1, H, x.shape.at(-2)!, D]);
      const dBound = tf.tidy(() => tf.sum(tf.sum(ofHeads, 2), 0) as tf.Tensor2D);
      tf.dispose([perToken, ofHeads]);
      return { x: dx, bound: dBound };
    },
  };
}

function run(gpu: Gpu, { x, bound, temperature }: DecayGateInputs, bindings: readonly Binding[], code: string): void {
  const [H, N, D] = x.shape.slice(-3) as [number, number, number];
  const [factor] = new Int32Array(Float32Array.of(1 / temperature).buffer); // params are integers
  gpu.run({
    code: `${FOR_EACH}
  let x = logits[at];
  let b = ${bound === undefined ? "0.0" : "bounds[(at / (params.N * params.D)) % params.H * params.D + at % params.D]"};
  let factor = bitcast<f32>(params.factor);
  let positive = x >= 0.0;
  let m = exp(-abs(x));
  let s = 1.0 / (1.0 + m);
  ${code}
}`,
    bindings: [...bindings, readOnly("logits", x), ...(bound === undefined ? [] : [readOnly("bounds", bound)])],
    params: { size: x.size, H, N, D, factor: factor! },
    grid: gridOf(x.size),
  });
}

/** The series stands for the digits that 1 − rest loses. */
function forwardCode({ bound, tied }: DecayGateInputs): string {
  return `let rest = (1.0 - b) * select(1.0, m, positive) * s;
  let series = -rest * (1.0 + rest * (0.5 + rest * (0.33333333 + rest * 0.25)));
  let nearOne = select(log(1.0 - rest), series, rest < 0.02);
  let y = select(nearOne, log((b + m) * s), rest > 0.5);
  logDecay[at] = factor * ${bound === undefined ? "select(y, x, x < -20.0)" : "y"};
  ${tied ? "key[at] = rest;" : ""}`;
}

/** f = den · s and df/dx = (1 − b) m s². */
function backwardCode({ bound }: DecayGateInputs, keyed: boolean): string {
  const dKey = keyed ? "dKey[at]" : "0.0";
  const dy = "factor * dLogDecay[at]";
  if (bound === undefined)
    return `dx[at] = select(s, m * s, positive) * (${dy} - ${dKey} * select(m * s, s, positive));`;
  return `let den = max(select(b + m, 1.0 + b * m, positive), 1e-37);
  let dLog = ${dy} / den - ${dKey} * s;
  dx[at] = (1.0 - b) * m * s * dLog;
  dBound[at] = select(1.0, m, positive) * dLog;`;
}
