// Scans of single channels on the GPU: running sums from the end, and the weights of the additive rule.

import type * as tf from "../tf.ts";
import { ones, readOnly, written } from "./bindings.ts";
import type { Binding, Gpu } from "./dispatch.ts";
import { isHalf, widthOf } from "./half.ts";
import type { Segments } from "./shares.ts";
import {
  additiveWeightsProgram,
  decayTotalsProgram,
  logitSummaryProgram,
  suffixProgram,
  suffixSummaryProgram,
} from "./wgsl/column-scan.ts";

export interface SuffixSums extends Segments {
  readonly x: tf.Tensor3D; // [G, N, W]
  /** the sum behind the last token */
  readonly initial: tf.Tensor2D; // [G, W]
  /** logs: what is carried past token i is multiplied by e^{decay_i} */
  readonly decay: tf.Tensor3D | undefined; // [G, N, W]
  readonly order: tf.Tensor1D | undefined;
}

/** y_i = x_i + e^{decay_{i+1}} y_{i+1} [G, N, W], and what is carried past the first token [G, W]. */
export function suffixSums(
  gpu: Gpu,
  { x, initial, decay, order, segments, length }: SuffixSums,
): { sums: tf.Tensor3D; left: tf.Tensor2D } {
  const [G, N, W] = x.shape;
  const grid = [Math.ceil(W / 64), segments, G] as const;
  const params = { N, segments, length };
  const ordered = order === undefined ? [] : [readOnly("order", order)];
  const given: Binding[] = [readOnly("x", x), ...(decay === undefined ? [] : [readOnly("decay", decay)]), ...ordered];
  const decayed = decay !== undefined;
  const local = gpu.output<tf.Rank.R3>([G, segments, W]);
  gpu.run({
    code: suffixSummaryProgram(W, decayed, order !== undefined),
    bindings: [written("local", local), ...given],
    params,
    grid,
  });
  const totals: Binding[] = [];
  if (decay !== undefined) {
    const total = gpu.output<tf.Rank.R3>([G, segments, W]);
    gpu.run({
      code: decayTotalsProgram(W, { constant: false, ordered: order !== undefined, halves: false }),
      bindings: [written("total", total), readOnly("decay", decay), ...ordered],
      params,
      grid,
    });
    totals.push(readOnly("total", total));
  }
  const sums = gpu.output<tf.Rank.R3>([G, N, W]);
  const left = gpu.output<tf.Rank.R2>([G, W]);
  gpu.run({
    code: suffixProgram(W, decayed, order !== undefined),
    bindings: [
      written("sums", sums),
      written("left", left),
      ...given,
      readOnly("initial", initial),
      readOnly("local", local),
      ...totals,
    ],
    params,
    grid,
  });
  return { sums, left };
}

export interface Logits extends Segments {
  /** may be stored as float16 */
  readonly logits: tf.Tensor3D; // [G, N, D]
  /** the token before the first: its maximum and sum */
  readonly top0: tf.Tensor2D; // [G, D]
  readonly weight0: tf.Tensor2D; // [G, D]
}

export interface AdditiveWeights {
  readonly logKeep: tf.Tensor3D; // [G, N, D], m_{t−1} − m_t
  readonly key: tf.Tensor3D; // [G, N, D], e^{g − m}
  readonly inverse: tf.Tensor3D; // [G, N, D], 1 / l
  readonly after: tf.Tensor3D; // [G, 2, D], the last m and l
}

/** The additive rule's logits as a decay rule, from the token before the first on. */
export function additiveWeights(gpu: Gpu, { logits, top0, weight0, segments, length }: Logits): AdditiveWeights {
  const [G, N] = logits.shape;
  const W = widthOf(logits);
  const halves = isHalf(logits);
  const grid = [Math.ceil(W / 64), segments, G] as const;
  const params = { N, segments, length };
  const summary = gpu.output<tf.Rank.R4>([G, segments, 2, W]);
  gpu.run({
    code: logitSummaryProgram(W, halves),
    bindings: [written("summary", summary), ones("logits", logits)],
    params,
    grid,
  });
  const results = {
    logKeep: gpu.output<tf.Rank.R3>([G, N, W]),
    key: gpu.output<tf.Rank.R3>([G, N, W]),
    inverse: gpu.output<tf.Rank.R3>([G, N, W]),
    after: gpu.output<tf.Rank.R3>([G, 2, W]),
  };
  gpu.run({
    code: additiveWeightsProgram(W, halves),
    bindings: [
      ...Object.entries(results).map(([name, tensor]) => written(name, tensor)),
      ones("logits", logits),
      readOnly("top0", top0),
      readOnly("weight0", weight0),
      readOnly("summary", summary),
    ],
    params,
    grid,
  });
  return results;
}
