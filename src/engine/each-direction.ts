// A kernel of one direction as one of several: rows are cut out before, and results put together after. And one of several
// directions as that of a line and its reverse.

import type {
  DecayScanGradients,
  DecayScanInputs,
  FusedKernel,
  FusedKernels,
  OneScanInputs,
  ScanDirection,
  ScanStateOutputs,
  TwoWayScanInputs,
} from "./kernels.ts";
import * as tf from "./tf.ts";

type OneScan = FusedKernel<
  OneScanInputs,
  ScanStateOutputs,
  never,
  { readonly out: tf.Tensor3D; readonly state?: tf.Tensor3D },
  DecayScanGradients
>;

const INPUTS = ["q", "k", "v", "logDecay"] as const;

export function eachDirection(kernel: OneScan): NonNullable<FusedKernels["decayScan"]> {
  return {
    forward: (inputs) => {
      const { directions = [{}] } = inputs;
      if (isPlain(directions)) return kernel.forward(oneOf(inputs, 0));
      return tf.tidy(() => {
        const outs = directions.map((_, s) => kernel.forward(oneOf(inputs, s)).out);
        return { out: joined(outs, inputs) };
      });
    },
    backward: (inputs, cotangents) => {
      const { directions = [{}] } = inputs;
      if (isPlain(directions)) return kernel.backward(oneOf(inputs, 0), cotangents);
      const all = tf.tidy(() => {
        const parts = directions.map((direction, s) =>
          kernel.backward(oneOf(inputs, s), { out: headsOf(cotangents.out, direction) }),
        );
        const gradients = INPUTS.flatMap((name) => {
          const pieces = parts.flatMap((part) => (part[name] === undefined ? [] : [part[name]]));
          if (pieces.length === 0) return [];
          const isOwn = inputs[name]!.shape[0] !== rowsOf(inputs);
          return [[name, isOwn ? (tf.concat(pieces, 0) as tf.Tensor3D) : joined(pieces, inputs)] as const];
        });
        return Object.fromEntries(gradients);
      });
      return all as unknown as DecayScanGradients;
    },
  };
}

/** The two directions of a line by a kernel that makes both while a head lies in the cache. */
export function bothWays(scan: NonNullable<FusedKernels["decayScan"]>): NonNullable<FusedKernels["twoWayScan"]> {
  const directed = (inputs: TwoWayScanInputs): DecayScanInputs => {
    const N = inputs.q.shape[1];
    return { ...inputs, directions: [{}, { order: Int32Array.from({ length: N }, (_, i) => N - 1 - i) }] };
  };
  return {
    forward: (inputs) => ({ out: scan.forward(directed(inputs)).out }),
    backward: (inputs, cotangents) => scan.backward(directed(inputs), cotangents),
  };
}

function isPlain(directions: readonly ScanDirection[]): boolean {
  return directions.length === 1 && directions[0]!.heads === undefined;
}

function rowsOf({ G, q }: DecayScanInputs): number {
  return G ?? q.shape[0];
}

/** What direction s scans. */
function oneOf(inputs: DecayScanInputs, s: number): OneScanInputs {
  const { directions = [{}], q, k, v, logDecay, initialState } = inputs;
  const G = rowsOf(inputs);
  const cut = (tensor: tf.Tensor3D) =>
    headsOf(tensor.shape[0] === G ? tensor : tf.slice(tensor, [s * G, 0, 0], [G, -1, -1]), directions[s]!);
  const { order } = directions[s]!;
  return {
    q: cut(q),
    k: cut(k),
    v: cut(v),
    ...(logDecay === undefined ? {} : { logDecay: cut(logDecay) }),
    ...(initialState === undefined ? {} : { initialState }),
    ...(order === undefined ? {} : { order }),
  };
}

/** [B·H, N, W] → [B·heads, N, W] */
function headsOf(tensor: tf.Tensor3D, { heads }: ScanDirection): tf.Tensor3D {
  if (heads === undefined) return tensor;
  const [G, N, W] = tensor.shape;
  const { from, to, of } = heads;
  const part = tf.slice(tf.reshape(tensor, [G / of, of, N * W]), [0, from, 0], [-1, to - from, -1]);
  return tf.reshape(part, [-1, N, W]);
}

/** Heads of the directions side by side, or the sum of directions that see all of them. */
function joined(parts: readonly tf.Tensor3D[], { directions = [{}], ...inputs }: DecayScanInputs): tf.Tensor3D {
  const { heads } = directions[0]!;
  if (heads === undefined) return tf.addN([...parts]);
  const G = rowsOf(inputs);
  const [, N, W] = parts[0]!.shape;
  const apart = parts.map((part) => tf.reshape(part, [G / heads.of, -1, N * W]) as tf.Tensor3D);
  return tf.reshape(tf.concat(apart, 1), [G, N, W]);
}
