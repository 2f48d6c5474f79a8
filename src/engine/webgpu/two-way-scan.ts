// Two directions of a decay rule at once on the GPU. Forward: summaries of all segments for both sides from one reading of k, v and
// decays, states handed on both ways, then one pass in which a chunk's q·kᵀ serves both triangles. Backward: the three scans of
// each direction, one after the other, as without this kernel.

import type { DecayScanGradients, FusedKernels, OneScanInputs, TwoWayScanInputs } from "../kernels.ts";
import * as tf from "../tf.ts";
import { quads, readOnly, written } from "./bindings.ts";
import type { Binding, Gpu } from "./dispatch.ts";
import { decayBackward, decayKind, scanOf } from "./decay-scan.ts";
import { segmentsOf } from "./shares.ts";
import {
  handBothWaysProgram,
  summariesProgram,
  twoWayProgram,
  twoWayTile,
  type TwoWayScan,
} from "./wgsl/two-way-scan.ts";

type Kernel = NonNullable<FusedKernels["twoWayScan"]>;

/** @param leastTokens shortest segment */
export function twoWayScan(gpu: Gpu, leastTokens: number): Kernel {
  return {
    forward: (inputs) => tf.tidy(() => ({ out: forward(gpu, inputs, leastTokens) })),
    backward: (inputs, { out }) =>
      tf.tidy(() => ({ ...backward(gpu, inputs, out, leastTokens) })) as DecayScanGradients,
  };
}

function forward(gpu: Gpu, { q, k, v, logDecay }: TwoWayScanInputs, leastTokens: number): tf.Tensor3D {
  const [G, N, D] = q.shape;
  const E = v.shape[2];
  const kind = decayKind(logDecay, N);
  const scan: TwoWayScan = {
    rows: D,
    columns: E,
    decay: kind,
    sharedBytes: gpu.backend.device.limits.maxComputeWorkgroupStorageSize,
  };
  const { tokens, tiles } = twoWayTile(scan);
  const { segments, length } = segmentsOf(G * tiles, N, leastTokens);
  const decays =
    logDecay === undefined ? [] : [kind === "rows" ? quads("decay", logDecay) : readOnly("decay", logDecay)];
  const tokenInputs: Binding[] = [quads("k", k), readOnly("v", v), ...decays];
  const params = { G, N, segments, length };
  const grid = [tiles, segments, G] as const;
  const out = gpu.output<tf.Rank.R3>([G, N, E]);
  const started: Binding[] = [];
  if (segments > 1) {
    const local = gpu.output<tf.Rank.R5>([2, G, segments, D, E]);
    const factor = gpu.output<tf.Rank.R3>([G, segments, D]);
    gpu.run({
      code: summariesProgram(scan),
      bindings: [written("local", local), written("factor", factor), ...tokenInputs],
      params,
      grid,
    });
    const start = gpu.output<tf.Rank.R5>([2, G, segments, D, E]);
    gpu.run({
      code: handBothWaysProgram(D, E),
      bindings: [written("start", start), readOnly("local", local), readOnly("factor", factor)],
      params: { G, segments },
      grid: [Math.ceil((D * E) / 256), G, 2],
    });
    started.push(readOnly("start", start));
  }
  gpu.run({
    code: twoWayProgram({ ...scan, started: segments > 1 }),
    bindings: [written("out", out), quads("q", q), ...tokenInputs, ...started],
    params: { ...params, chunks: 2 * Math.ceil(length / tokens / 2) },
    grid,
  });
  return out;
}

function backward(gpu: Gpu, inputs: TwoWayScanInputs, dOut: tf.Tensor3D, leastTokens: number): DecayScanGradients {
  const N = inputs.q.shape[1];
  const gradientsOf = (directed: OneScanInputs) => decayBackward(scanOf(gpu, directed, leastTokens), dOut, undefined);
  const right = gradientsOf(inputs);
  const left = gradientsOf({ ...inputs, order: Int32Array.from({ length: N }, (_, i) => N - 1 - i) });
  return {
    q: tf.add(right.q, left.q),
    k: tf.add(right.k, left.k),
    v: tf.add(right.v, left.v),
    ...(right.logDecay === undefined ? {} : { logDecay: tf.add<tf.Tensor3D>(right.logDecay, left.logDecay!) }),
  };
}
