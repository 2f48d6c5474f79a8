// The engine's own scan kernels, which take all directions of a spec at once: tokens are visited where they lie, heads are
// divided without copies, and outputs are summed in place.

import type { DecayScanInputs, FusedKernels, ScanDirection } from "#engine/kernels";
import * as tf from "#engine/tf";
import type { OperatorSpec, Shape } from "#case/case";
import { mergeHeads } from "../heads.ts";
import type { HalfForm, Inputs, Outputs } from "../operator.ts";
import { reshapedAs, withGradient, type TensorMap } from "../with-gradient.ts";
import { finiteLogDecay } from "./causal-scan.ts";
import { directionsOf, mergeFactor } from "./scan-orders.ts";

type ScanKernel = NonNullable<FusedKernels["decayScan"]>;
type TwoWayKernel = NonNullable<FusedKernels["twoWayScan"]>;

/** What a kernel of several directions takes: rows of batch and head, for every direction where it has its own. */
interface Rows {
  readonly q: tf.Tensor3D; // [(S·) B·H, N, D]
  readonly k: tf.Tensor3D;
  readonly v: tf.Tensor3D;
  readonly logDecay?: tf.Tensor3D;
  readonly initialState?: tf.Tensor3D;
}

/** Every direction of a spec; differentiable in all inputs but the mask. */
export function runFused(
  inputs: Inputs<tf.Tensor>,
  spec: OperatorSpec,
  shape: Shape,
  kernel: ScanKernel,
): Outputs<tf.Tensor> {
  const directions = directionsOf(spec, shape);
  const H = shape.H;
  const asGiven = directions.map(({ order, heads: [from, to] }): ScanDirection => ({
    ...(order === undefined ? {} : { order }),
    ...(to - from === H ? {} : { heads: { from, to, of: H } }),
  }));
  const given = (tensors: TensorMap): DecayScanInputs => ({
    ...(tensors as unknown as Rows),
    directions: asGiven,
    G: shape.B * H,
  });
  return arranged(inputs, spec, shape, (rows) =>
    withGradient({
      inputs: rows,
      forward: () => ({ outputs: { ...kernel.forward(given(rows)) } as TensorMap, saved: rows }),
      backward: ({ out, state }, saved) => {
        const cotangents = { out: out as tf.Tensor3D, ...(state === undefined ? {} : { state: state as tf.Tensor3D }) };
        return { ...kernel.backward(given(saved), cotangents) };
      },
    }),
  );
}

/** Both directions of a line by a kernel that makes one pass for the two. */
export function runFusedTwoWay(
  inputs: Inputs<tf.Tensor>,
  spec: OperatorSpec,
  shape: Shape,
  kernel: TwoWayKernel,
): Outputs<tf.Tensor> {
  return arranged(inputs, spec, shape, (rows) =>
    withGradient({
      inputs: rows,
      forward: () => ({ outputs: { ...kernel.forward(rows as unknown as Rows) }, saved: rows }),
      backward: ({ out }, saved) => ({ ...kernel.backward(saved as unknown as Rows, { out: out as tf.Tensor3D }) }),
    }),
  );
}

/** Mask and tied key before the scans, the current token counted as the spec says and the merge after them. */
function arranged(
  inputs: Inputs<tf.Tensor>,
  spec: OperatorSpec,
  { B, H, N, D, E }: Shape,
  scan: (rows: TensorMap) => TensorMap,
): Outputs<tf.Tensor> {
  const { mask, initialState } = inputs;
  const rowsOf = (tensor: tf.Tensor) => tf.reshape(tensor, [-1, N, tensor.shape.at(-1)!]) as tf.Tensor3D;
  const visible = mask === undefined ? undefined : visibleRows(mask, { B, H, N });
  const shown = (tensor: tf.Tensor3D) => (visible === undefined ? tensor : maskedBy(visible, tensor));
  const logs = logDecayRows(inputs.logDecay, spec, { B, H, N });
  const logDecay = logs === undefined || visible === undefined ? logs : maskedBy(visible, finiteLogDecay(logs));
  const k = spec.tiedKey === true ? tf.neg<tf.Tensor3D>(tf.expm1(logDecay!)) : rowsOf(inputs.k!);
  const rows = {
    q: rowsOf(inputs.q!),
    k: shown(k),
    v: rowsOf(inputs.v!),
    ...(logDecay === undefined ? {} : { logDecay }),
    ...(initialState === undefined ? {} : { initialState: tf.reshape<tf.Rank.R3>(initialState, [B * H, D, E]) }),
  };
  const { out, state } = scan(rows) as { out: tf.Tensor; state?: tf.Tensor };
  const counted = spec.currentToken === "once" ? tf.sub(out, furtherCounts(rows, B * H, spec.scans ?? 1)) : out;
  const factor = mergeFactor(spec);
  return {
    out: tf.reshape(factor === 1 ? counted : tf.mul(counted, factor), [B, H, N, E]),
    ...(state === undefined ? {} : { state: tf.reshape(state, [B, H, D, E]) }),
  };
}

type RowSizes = Pick<Shape, "B" | "H" | "N">;

/** [B, N] → [B·H, N, 1] */
function visibleRows(mask: tf.Tensor, { B, H, N }: RowSizes): tf.Tensor3D {
  return tf.reshape(tf.tile(tf.reshape(tf.cast(mask, "float32"), [B, 1, N]), [1, H, 1]), [B * H, N, 1]);
}

/** 0 where a token is hidden, in the rows of every direction. */
function maskedBy(visible: tf.Tensor3D, tensor: tf.Tensor3D): tf.Tensor3D {
  const sets = tensor.shape[0] / visible.shape[0];
  return tf.mul(tensor, sets === 1 ? visible : tf.tile(visible, [sets, 1, 1]));
}

function logDecayRows(
  logDecay: tf.Tensor | undefined,
  { decay }: OperatorSpec,
  { B, H, N }: RowSizes,
): tf.Tensor3D | undefined {
  if (logDecay === undefined) return undefined;
  if (decay === "constant") return tf.reshape(tf.tile(tf.reshape(logDecay, [-1, 1, H]), [1, B, 1]), [-1, 1, 1]);
  return tf.reshape(logDecay, [-1, N, decay === "scalar" ? 1 : logDecay.shape.at(-1)!]);
}

/** (q_t·k_t) v_t of every direction but the first: [G, N, E] */
function furtherCounts({ q, k, v }: Rows, G: number, scans: number): tf.Tensor {
  const ofDirection = (tensor: tf.Tensor3D, s: number) =>
    tensor.shape[0] === G ? tensor : tf.slice(tensor, [s * G, 0, 0], [G, -1, -1]);
  const current = (s: number) =>
    tf.mul(tf.sum(tf.mul(ofDirection(q, s), ofDirection(k, s)), 2, true), ofDirection(v, s));
  if ([q, k, v].every((tensor) => tensor.shape[0] === G)) return tf.mul(current(1), scans - 1);
  return tf.addN(Array.from({ length: scans - 1 }, (_, i) => current(i + 1)));
}

/** One causal scan on halves. */
export const fusedHalf: HalfForm = {
  unsupported(spec) {
    if (!spec.causal) return "the form on float16 is one causal scan: sums of directions would be rounded in between";
    return spec.tiedKey === true || spec.feature !== undefined
      ? "the form on float16 takes keys as they are"
      : undefined;
  },
  run(inputs, { decay }, { B, H, N, E }, kernels) {
    const { q, k, v, logDecay } = inputs;
    const rows =
      decay === "constant"
        ? tf.tile(logDecay!.reshape([1, H, 1, 1]), [B, 1, 1, 1])
        : decay === "scalar"
          ? tf.expandDims(logDecay!, 3)
          : logDecay;
    const merged = {
      q: mergeHeads(q!),
      k: mergeHeads(k!),
      v: mergeHeads(v!),
      ...(rows === undefined ? {} : { logDecay: mergeHeads(rows) }),
    };
    return {
      out: tf.reshape(kernels.decayScan.forward(merged).out, [B, H, N, E / 2]),
      backward(cotangent) {
        const gradients = kernels.decayScan.backward(merged, { out: mergeHeads(cotangent) });
        return reshapedAs(inputs, {
          ...gradients,
          ...(decay === "constant" ? { logDecay: tf.sum(tf.reshape(gradients.logDecay!, [B, H]), 0) } : {}),
        });
      },
    };
  },
};
