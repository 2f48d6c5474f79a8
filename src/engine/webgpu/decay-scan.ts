// Every causal decay rule on the GPU, forward and backward, by segments of the tokens.
//
// Where heads alone do not fill the GPU, a first pass forms each segment's own state, a second hands states on, and the third
// scans the segments side by side. Instructions, per head, token and state entry: 3, and 2 more with segments; a gradient
// takes three scans. Traffic of the states, at segments of 1024 tokens and D = E = 128: 6 % of that of the tokens, each way.

import { eachDirection } from "../each-direction.ts";
import type { DecayScanGradients, FusedKernels, OneScanInputs, ScanStateOutputs } from "../kernels.ts";
import * as tf from "../tf.ts";
import { ones, quads, readOnly, written } from "./bindings.ts";
import type { Binding, Gpu } from "./dispatch.ts";
import { suffixSums } from "./column-scan.ts";
import { elementwise } from "./elementwise.ts";
import { isHalf, outputLike, toHalves, widthOf } from "./half.ts";
import { rowProducts } from "./row-products.ts";
import { segmentsOf } from "./shares.ts";
import { decayTotalsProgram, handOnProgram } from "./wgsl/column-scan.ts";
import { matrixScanProgram, scanTile, type DecayOf, type MatrixScan } from "./wgsl/matrix-scan.ts";

/** Inputs with what all passes of a call share. */
export interface Scan {
  readonly inputs: OneScanInputs;
  readonly gpu: Gpu;
  readonly G: number;
  readonly N: number;
  readonly D: number;
  readonly E: number;
  readonly segments: number;
  readonly length: number;
  readonly order: tf.Tensor1D | undefined;
}

/** States handed to every segment, and the one that is left at the end. */
interface HandedOn {
  readonly start: tf.Tensor | undefined; // [G, segments, D, E]; undefined: zeros, one segment
  readonly final: tf.Tensor3D | undefined; // undefined: the scan itself gives it
}

/**
 * Any of q, k, v and vector decays may be stored as float16; out and its cotangent are as v is, gradients as their inputs.
 *
 * @param leastTokens shortest segment
 */
export function decayScan(gpu: Gpu, leastTokens: number): NonNullable<FusedKernels["decayScan"]> {
  return eachDirection({
    forward: (inputs) => tf.tidy(() => ({ ...scanForward(scanOf(gpu, inputs, leastTokens)) })) as ScanStateOutputs,
    backward: (inputs, { out, state }) =>
      tf.tidy(() => ({ ...decayBackward(scanOf(gpu, inputs, leastTokens), out, state) })) as DecayScanGradients,
  });
}

export function scanOf(gpu: Gpu, inputs: OneScanInputs, leastTokens: number): Scan {
  const [G, N] = inputs.q.shape;
  const [D, E] = [widthOf(inputs.q), widthOf(inputs.v)];
  const order = inputs.order === undefined ? undefined : tf.tensor1d(inputs.order, "int32");
  return { inputs, gpu, G, N, D, E, order, ...segmentsOf(G * scanTile(D, E).tiles, N, leastTokens) };
}

export function decayKind(logDecay: tf.Tensor3D | undefined, N: number): Exclude<DecayOf, "columns"> {
  if (logDecay === undefined) return "none";
  if (logDecay.shape[2] > 1) return "rows";
  return logDecay.shape[1] === 1 && N > 1 ? "constant" : "scalar";
}

/** s_t = λ_t s_{t−1} + k_t v_tᵀ, out_t = s_tᵀ q_t. */
export function scanForward(scan: Scan): Required<ScanStateOutputs> {
  const { inputs, gpu, G, N, D, E } = scan;
  const handed = handOn(scan, { x: inputs.k, y: inputs.v, initial: inputs.initialState, reverse: false });
  const out = outputLike(gpu, inputs.v, [G, N, E]);
  const state = handed.final ?? gpu.output<tf.Rank.R3>([G, D, E]);
  const ending = handed.final === undefined ? state : undefined;
  runScan(scan, {
    x: inputs.k,
    y: inputs.v,
    w: inputs.q,
    out,
    start: handed.start,
    ending,
    transposed: false,
    reverse: false,
    output: "inclusive",
  });
  return { out, state };
}

interface Pass {
  readonly x: tf.Tensor3D;
  readonly y: tf.Tensor3D;
  readonly w?: tf.Tensor3D;
  readonly out?: tf.Tensor3D;
  readonly start: tf.Tensor | undefined;
  readonly ending: tf.Tensor | undefined;
  /** rows are those of E: the sums run over them */
  readonly transposed: boolean;
  readonly reverse: boolean;
  readonly output: MatrixScan["output"];
}

function runScan(scan: Scan, { x, y, w, out, start, ending, transposed, reverse, output }: Pass): void {
  const { gpu, G, N, D, E, segments, length, order, inputs } = scan;
  const kind = decayKind(inputs.logDecay, scan.N);
  const decay = kind === "rows" && transposed ? "columns" : kind;
  const [rows, columns] = transposed ? [E, D] : [D, E];
  const { logDecay } = inputs;
  const bindings: Binding[] = [quads("x", x), ones("y", y)];
  if (w !== undefined) bindings.push(quads("w", w));
  if (logDecay !== undefined) bindings.push((decay === "rows" ? quads : ones)("decay", logDecay));
  if (order !== undefined) bindings.push(readOnly("order", order));
  if (start !== undefined) bindings.push(readOnly("start", start));
  if (out !== undefined) bindings.push({ ...ones("out", out), written: true });
  if (ending !== undefined) bindings.push(written("ending", ending));
  gpu.run({
    code: matrixScanProgram({
      rows,
      columns,
      decay,
      reverse,
      output,
      ordered: order !== undefined,
      started: start !== undefined,
      rowsFirst: !transposed,
      ending: ending !== undefined,
      halves: new Set(
        bindings.flatMap(({ name, element }) => (element === "vec2<u32>" || element === "u32" ? [name] : [])),
      ),
    }),
    bindings,
    params: { N, segments, length },
    grid: [scanTile(rows, columns).tiles, segments, G],
  });
}

interface Carried {
  readonly x: tf.Tensor3D;
  readonly y: tf.Tensor3D;
  readonly initial: tf.Tensor3D | undefined;
  readonly reverse: boolean;
}

/** Every segment's own state, then the states from segment to segment. One segment needs neither. */
function handOn(scan: Scan, { x, y, initial, reverse }: Carried): HandedOn {
  const { gpu, G, N, D, E, segments, length, order, inputs } = scan;
  if (segments === 1) return { start: initial, final: undefined };
  const local = gpu.output<tf.Rank.R4>([G, segments, D, E]);
  runScan(scan, { x, y, start: undefined, ending: local, transposed: false, reverse, output: "none" });
  const { logDecay } = inputs;
  const W = logDecay === undefined ? 0 : widthOf(logDecay);
  const bindings: Binding[] = [];
  if (logDecay !== undefined) {
    const total = gpu.output<tf.Rank.R3>([G, segments, W]);
    const isConstant = decayKind(logDecay, N) === "constant";
    const ordered = order === undefined || isConstant ? [] : [readOnly("order", order)];
    gpu.run({
      code: decayTotalsProgram(W, { constant: isConstant, ordered: ordered.length > 0, halves: isHalf(logDecay) }),
      bindings: [written("total", total), ones("decay", logDecay), ...ordered],
      params: { N, segments, length },
      grid: [Math.ceil(W / 64), segments, G],
    });
    bindings.push(readOnly("total", total));
  }
  const start = gpu.output<tf.Rank.R4>([G, segments, D, E]);
  const final = gpu.output<tf.Rank.R3>([G, D, E]);
  bindings.push(written("start", start), written("final_", final), readOnly("local", local));
  if (initial !== undefined) bindings.push(readOnly("initial", initial));
  gpu.run({
    code: handOnProgram({ D, E, W, reverse, started: initial !== undefined }),
    bindings,
    params: { segments },
    grid: [Math.ceil((D * E) / 256), G, 1],
  });
  return { start, final };
}

/** The three scans of a gradient, stored as their inputs are; `exclusive` leaves out the token's own product in dq and dk, which are then float32. */
export function scanBackward(scan: Scan, dOut: tf.Tensor3D, dState: tf.Tensor3D | undefined, exclusive: boolean) {
  const { gpu, G, N, D, E, inputs } = scan;
  const { q, k, v, initialState } = inputs;
  const forward = handOn(scan, { x: k, y: v, initial: initialState, reverse: false });
  const backward = handOn(scan, { x: q, y: dOut, initial: dState, reverse: true });
  const output = exclusive ? "exclusive" : "inclusive";
  const rowsLike = (like: tf.Tensor3D) =>
    exclusive ? gpu.output<tf.Rank.R3>([G, N, D]) : outputLike(gpu, like, [G, N, D]);
  const dq = rowsLike(q);
  const final = forward.final ?? gpu.output<tf.Rank.R3>([G, D, E]);
  runScan(scan, {
    x: v,
    y: k,
    w: dOut,
    out: dq,
    start: forward.start,
    ending: forward.final === undefined ? final : undefined,
    transposed: true,
    reverse: false,
    output,
  });
  const dk = rowsLike(k);
  runScan(scan, {
    x: dOut,
    y: q,
    w: v,
    out: dk,
    start: backward.start,
    ending: undefined,
    transposed: true,
    reverse: true,
    output,
  });
  const dv = outputLike(gpu, v, [G, N, E]);
  const initial = backward.final ?? gpu.output<tf.Rank.R3>([G, D, E]);
  const ending = backward.final === undefined ? initial : undefined;
  runScan(scan, {
    x: q,
    y: dOut,
    w: k,
    out: dv,
    start: backward.start,
    ending,
    transposed: false,
    reverse: true,
    output: "inclusive",
  });
  return { q: dq, k: dk, v: dv, initialState: initial, final };
}

/**
 * The gradient of log λ_t is Σ over pairs i ≥ t > j of their products: Σ_{i≥t} (q∘dq − k∘dk)_i without the pairs i = j, which would
 * cancel only up to rounding, and with the pairs that end in the final state.
 */
export function decayBackward(scan: Scan, dOut: tf.Tensor3D, dState: tf.Tensor3D | undefined): DecayScanGradients {
  const { gpu, inputs, segments, length, order } = scan;
  const { q, k, v, logDecay, initialState } = inputs;
  const initialGradient = (gradient: tf.Tensor3D) => (initialState === undefined ? {} : { initialState: gradient });
  if (logDecay === undefined) {
    const gradients = scanBackward(scan, dOut, dState, false);
    return { q: gradients.q, k: gradients.k, v: gradients.v, ...initialGradient(gradients.initialState) };
  }
  const strict = scanBackward(scan, dOut, dState, true);
  const own = rowProducts(gpu, v, dOut); // [G, N, 1]
  const width = widthOf(logDecay);
  const ending = dState === undefined ? undefined : tf.sum(tf.mul(strict.final, dState), 2); // [G, D]
  const initial =
    ending === undefined ? tf.zeros<tf.Rank.R2>([scan.G, width]) : width === 1 ? tf.sum(ending, 1, true) : ending;
  const { sums } = suffixSums(gpu, {
    x: pairsOf(scan, strict, width),
    initial: initial as tf.Tensor2D,
    decay: undefined,
    order,
    segments,
    length,
  });
  const ofDecay =
    decayKind(logDecay, scan.N) === "constant" ? tf.sum(sums, 1, true) : isHalf(logDecay) ? toHalves(gpu, sums) : sums;
  return {
    q: elementwise(gpu, { inputs: { dq: strict.q, k, own }, value: "dq + k * own", like: q }),
    k: elementwise(gpu, { inputs: { dk: strict.k, q, own }, value: "dk + q * own", like: k }),
    v: strict.v,
    logDecay: ofDecay as tf.Tensor3D,
    ...initialGradient(strict.initialState),
  };
}

/** q∘dq − k∘dk [G, N, D], or its sum over the channels [G, N, 1] where they share a decay. */
function pairsOf(
  { gpu, inputs: { q, k } }: Scan,
  { q: dq, k: dk }: { readonly q: tf.Tensor3D; readonly k: tf.Tensor3D },
  width: number,
): tf.Tensor3D {
  if (width === 1) return tf.sub(rowProducts(gpu, q, dq), rowProducts(gpu, k, dk));
  return elementwise(gpu, { inputs: { q, k, dq, dk }, value: "q * dq - k * dk", like: dq });
}
