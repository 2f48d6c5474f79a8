// The engine's own kernels as the operators and models call them.

import { bothWays, eachDirection } from "../each-direction.ts";
import type { FusedKernels, OneScanInputs, RowKernels } from "../kernels.ts";
import * as tf from "../tf.ts";
import { attention } from "./attention.ts";
import { nativeVector, runNative } from "./native.ts";

type Given = tf.Tensor | undefined;

const additiveGlobal: NonNullable<FusedKernels["additiveGlobal"]> = {
  forward({ q, g, v, k }) {
    const outputs = runNative("AdditiveGlobal", [q, g, v, k], 4);
    const [out, state, top, weight] = outputs as [tf.Tensor3D, tf.Tensor3D, tf.Tensor2D, tf.Tensor2D];
    return { out, state, top, weight };
  },
  backward({ q, g, v, k, state, top, weight }, cotangents) {
    const { out: dOut, state: dState, lse: dLse } = cotangents;
    const inputs = [q, g, v, k, state, top, weight, dOut, dState, dLse];
    return withKey(runNative("AdditiveGlobalGrad", inputs, 4) as tf.Tensor3D[], k);
  },
};

const additiveCausal: NonNullable<FusedKernels["additiveCausal"]> = {
  forward({ q, g, v, k, top0, weight0, state0 }) {
    const [out, state, lse] = runNative("AdditiveCausal", [q, g, v, k, top0, weight0, state0], 3) as [
      tf.Tensor3D,
      tf.Tensor3D,
      tf.Tensor2D,
    ];
    return { out, state, lse };
  },
  backward({ q, g, v, k, top0, weight0, state0 }, { out, state, lse }) {
    const gradients = runNative("AdditiveCausalGrad", [q, g, v, k, top0, weight0, state0, out, state, lse], 6);
    const [top, initial] = gradients.slice(4) as [tf.Tensor2D, tf.Tensor3D];
    return { ...withKey(gradients.slice(0, 4) as tf.Tensor3D[], k), top0: top, state0: initial };
  },
};

const additiveStep: NonNullable<FusedKernels["additiveStep"]> = ({ q, g, v, k }, { m, l, lError, s }) => {
  const [out, ...carried] = runNative("AdditiveStep", [q, g, v, k, m, l, lError, s], 5);
  const [nextM, nextL, nextError, nextS] = carried as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor3D];
  return { out: out!, carried: { m: nextM, l: nextL, lError: nextError, s: nextS } };
};

const decayStep: NonNullable<FusedKernels["decayStep"]> = ({ q, k, v, logDecay, state }) => {
  const [out, next] = runNative("DecayStep", [q, k, v, logDecay, state], 2);
  return { out: out!, state: next! };
};

/** Gradients of q, g, v and, where there was one, k; else the empty tensor in its place is disposed of. */
function withKey([q, g, v, dk]: readonly tf.Tensor3D[], k: Given) {
  if (k === undefined) dk!.dispose();
  return { q: q!, g: g!, v: v!, ...(k === undefined ? {} : { k: dk! }) };
}

const decayScan = eachDirection({
  forward: (inputs) =>
    withOrder(inputs, (order) => {
      const { q, k, v, logDecay, initialState } = inputs;
      const [out, state] = runNative("DecayScan", [q, k, v, logDecay, initialState, order], 2) as [
        tf.Tensor3D,
        tf.Tensor3D,
      ];
      return { out, state };
    }),
  backward: (inputs, cotangents) =>
    withOrder(inputs, (order) => {
      const { q, k, v, logDecay, initialState } = inputs;
      const gradients = runNative(
        "DecayScanGrad",
        [q, k, v, logDecay, initialState, order, cotangents.out, cotangents.state],
        5,
      ) as tf.Tensor3D[];
      const [dq, dk, dv, dLogDecay, dInitial] = gradients as [
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
      ];
      if (logDecay === undefined) dLogDecay.dispose();
      if (initialState === undefined) dInitial.dispose();
      return {
        q: dq,
        k: dk,
        v: dv,
        ...(logDecay === undefined ? {} : { logDecay: dLogDecay }),
        ...(initialState === undefined ? {} : { initialState: dInitial }),
      };
    }),
});

/** Calls `run` with the order of visit as a tensor, an empty one where tokens follow each other. */
function withOrder<T>({ order }: OneScanInputs, run: (order: tf.Tensor) => T): T {
  const tensor = tf.tensor1d(order ?? [], "int32");
  try {
    return run(tensor);
  } finally {
    tensor.dispose();
  }
}

const decayGate: NonNullable<FusedKernels["decayGate"]> = {
  forward: ({ x, bound, temperature, tied }) =>
    withSettings([1 / temperature, Number(tied)], (settings) => {
      const [logDecay, key] = runNative("DecayGate", [x, bound, settings], 2) as [tf.Tensor, tf.Tensor];
      if (!tied) key.dispose();
      return { logDecay, ...(tied ? { key } : {}) };
    }),
  backward: ({ x, bound, temperature, tied }, { logDecay, key }) =>
    withSettings([1 / temperature, Number(tied)], (settings) => {
      const gradients = runNative("DecayGateGrad", [x, bound, settings, logDecay, key], 2);
      const [dx, dBound] = gradients as [tf.Tensor, tf.Tensor2D];
      if (bound === undefined) dBound.dispose();
      return { x: dx, ...(bound === undefined ? {} : { bound: dBound }) };
    }),
};

/** Calls `run` with numbers as a tensor. */
function withSettings<T>(numbers: number[], run: (settings: tf.Tensor) => T): T {
  const settings = tf.tensor1d(numbers);
  try {
    return run(settings);
  } finally {
    settings.dispose();
  }
}

/** For numbers that are few over a run: they stay, outside tfjs, for which they would be leaks. */
function constant(...values: number[]): tf.TensorInfo {
  const key = values.join();
  let made = constants.get(key);
  if (made === undefined) constants.set(key, (made = nativeVector(values)));
  return made;
}
const constants = new Map<string, tf.TensorInfo>();

const rows: RowKernels = {
  affineNorm(x, { gain, bias }, epsilon) {
    const [y, mean, scale] = runNative("AffineNorm", [x, gain, bias, constant(epsilon)], 3);
    return { y: y!, mean: mean!, scale: scale! };
  },
  affineNormGradient({ x, gain, mean, scale }, dy) {
    const [dx, dGain, dBias] = runNative("AffineNormGrad", [x, gain, mean, scale, dy], 3);
    return { x: dx!, gain: dGain!, bias: dBias! };
  },
  gate: (a, b, activation) => runNative(activation === "silu" ? "SiluGate" : "SigmoidGate", [a, b], 1)[0]!,
  gateGradient({ a, b }, dy, activation) {
    const name = activation === "silu" ? "SiluGateGrad" : "SigmoidGateGrad";
    const [da, db] = runNative(name, [a, b, dy], 2);
    return { a: da!, b: db! };
  },
  rotate: (x, { cos, sin }) => runNative("Rotate", [x, cos, sin], 1)[0]!,
  rotateGradient({ x, cos, sin }, dy, isTrained) {
    const wanted = isTrained ? constant(1) : undefined;
    const [dx, dCos, dSin] = runNative("RotateGrad", [x, cos, sin, dy, wanted], 3);
    if (!isTrained) tf.dispose([dCos!, dSin!]);
    return { x: dx!, ...(isTrained ? { cos: dCos!, sin: dSin! } : {}) };
  },
  splitHeads: (x, heads, tokens) => runNative("SplitHeads", [x, constant(heads, tokens)], 1)[0]!,
  mergeHeads: (x, rank) => runNative("MergeHeads", [x, rank === 2 ? constant(1) : undefined], 1)[0]!,
  nats({ logits, targets, smoothing }) {
    const [nats, top, sum] = runNative("Nats", [logits, targets, constant(smoothing)], 3);
    return { nats: nats!, top: top!, sum: sum! };
  },
  natsGradient: ({ logits, targets, smoothing }, { top, sum }, dy) =>
    runNative("NatsGrad", [logits, targets, constant(smoothing), top, sum, dy], 1)[0]!,
  adamW({ weights, firstMoment, secondMoment, decayed, average }, gradient, by) {
    const settings = [by.beta1, by.beta2, by.rate, by.secondScale, by.epsilon, by.decay];
    return withSettings([...settings, by.clipNorm ?? 0, by.averageDecay ?? 0], (given) => {
      const inputs = [gradient, weights, firstMoment, secondMoment, decayed, average, given];
      const [norm, ...next] = runNative("AdamW", inputs, 5) as [tf.Scalar, ...tf.Tensor1D[]];
      const [nextWeights, first, second, nextAverage] = next as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
      if (average === undefined) nextAverage.dispose();
      return {
        norm,
        ...{ weights: nextWeights, firstMoment: first, secondMoment: second },
        ...(average === undefined ? {} : { average: nextAverage }),
      };
    });
  },
  silu: (x) => runNative("Silu", [x], 1)[0]!,
  siluGradient: (x, dy) => runNative("SiluGrad", [x, dy], 1)[0]!,
  norm(x, kind, epsilon) {
    const name = kind === "layer" ? "LayerNorm" : "RmsNorm";
    const [y, scale] = withSettings([epsilon], (settings) => runNative(name, [x, settings], 2));
    return { y: y!, scale: scale! };
  },
  normGradient: ({ y, scale }, dy, kind) =>
    runNative(kind === "layer" ? "LayerNormGrad" : "RmsNormGrad", [y, scale, dy], 1)[0]!,
};

export const nativeKernels: FusedKernels = {
  additiveGlobal,
  additiveCausal,
  additiveStep,
  decayScan,
  twoWayScan: bothWays(decayScan),
  decayStep,
  decayGate,
  attention,
  rows,
};
