// Kernels of tfjs that profiles of training steps show to be slow or missing in tfjs-backend-wasm 4.22: Identity
// copies, SplitV copies element by element in JavaScript, sums over any but the last axes transpose first, Exp and Expm1
// are scalar, UnsortedSegmentSum (the gradient of gather) does not exist.

import { ShapeError } from "#base/errors";
import * as tf from "../tf.ts";
import type { Heap } from "./heap.ts";

type Kernel = tf.KernelConfig["kernelFunc"];

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** The stock kernel of a name, for what ours leave to it. */
export type StockKernel = (name: string) => Kernel | undefined;

function identity(heap: Heap): Kernel {
  return ({ inputs }) => {
    const { dataId, shape, dtype } = inputs["x"]!;
    heap.backend.incRef(dataId);
    return { dataId, shape, dtype };
  };
}

/** By an export of our module that maps one array to another. */
function ofArray(heap: Heap, stock: Kernel, name: "expArray" | "expMinusOneArray"): Kernel {
  return (call) => {
    const x = call.inputs["x"]!;
    if (x.dtype !== "float32") return stock(call);
    const from = heap.address(x, name, "x");
    const out = heap.output(x.shape);
    heap.module[name]!(from, heap.addressOf(out), sizeOf(x.shape));
    return out;
  };
}

interface Sizes {
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

/** [outer, count, inner] where the axes, in rising order, follow each other; else undefined. */
function middleAxis(shape: readonly number[], axes: readonly number[]): Sizes | undefined {
  if (axes.length === 0) return undefined;
  const [first, last] = [axes[0]!, axes.at(-1)!];
  if (last - first + 1 !== axes.length) return undefined;
  return {
    outer: sizeOf(shape.slice(0, first)),
    count: sizeOf(shape.slice(first, last + 1)),
    inner: sizeOf(shape.slice(last + 1)),
  };
}

interface ReductionAttributes {
  readonly axis?: number | number[];
  /** what Max calls its axis */
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}

function reduction(heap: Heap, stock: Kernel, run: (x: number, out: number, sizes: Sizes) => void): Kernel {
  return (call) => {
    const x = call.inputs["x"]!;
    const { axis, reductionIndices, keepDims } = call.attrs as unknown as ReductionAttributes;
    const axes = tf.util.parseAxisParam((axis ?? reductionIndices)!, x.shape).sort((a, b) => a - b);
    const sizes = middleAxis(x.shape, axes);
    if (x.dtype !== "float32" || sizes === undefined || sizeOf(x.shape) === 0) return stock(call);
    const shape = x.shape.flatMap((size, i) => (axes.includes(i) ? (keepDims === true ? [1] : []) : [size]));
    const from = heap.address(x, "reduce", "x");
    const out = heap.output(shape);
    run(from, heap.addressOf(out), sizes);
    return out;
  };
}

/** Parts of x along an axis: rows of the outer axes are copied whole. */
function splitV(heap: Heap, stock: Kernel): Kernel {
  return (call) => {
    const x = call.inputs["x"]!;
    const { numOrSizeSplits, axis } = call.attrs as unknown as { numOrSizeSplits: number | number[]; axis: number };
    if (x.dtype !== "float32") return stock(call);
    const along = axis < 0 ? axis + x.shape.length : axis;
    const length = x.shape[along]!;
    const sizes = partSizes(numOrSizeSplits, length);
    const outer = sizeOf(x.shape.slice(0, along));
    const inner = sizeOf(x.shape.slice(along + 1));
    let before = 0;
    return sizes.map((size) => {
      const out = heap.output(x.shape.map((whole, i) => (i === along ? size : whole)));
      // Read after the allocation: addresses stay, but the buffer behind HEAPU8 does not.
      const from = heap.address(x, "split", "x") + 4 * before * inner;
      for (let o = 0; o < outer; o++)
        heap.copyBytes(from + 4 * o * length * inner, heap.addressOf(out) + 4 * o * size * inner, 4 * size * inner);
      before += size;
      return out;
    });
  };
}

function partSizes(splits: number | readonly number[], length: number): number[] {
  if (typeof splits === "number") return Array.from({ length: splits }, () => length / splits);
  const known = splits.filter((size) => size !== -1).reduce((sum, size) => sum + size, 0);
  const sizes = splits.map((size) => (size === -1 ? length - known : size));
  if (sizes.reduce((sum, size) => sum + size, 0) !== length)
    throw new ShapeError("split", "sizes", `a sum of ${length}`, sizes);
  return sizes;
}

function unsortedSegmentSum(heap: Heap): Kernel {
  return ({ inputs, attrs }) => {
    const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
    const { numSegments } = attrs as unknown as { numSegments: number };
    const rows = sizeOf(segmentIds.shape);
    const rest = x.shape.slice(segmentIds.shape.length);
    const from = heap.address(x, "unsortedSegmentSum", "x");
    const segments = heap.address(segmentIds, "unsortedSegmentSum", "segmentIds", "int32");
    const out = heap.output([numSegments, ...rest]);
    heap.zero(heap.addressOf(out), 4 * numSegments * sizeOf(rest));
    heap.module["segmentSum"]!(from, segments, heap.addressOf(out), rows, sizeOf(rest), numSegments);
    return out;
  };
}

/** The kernels to register; `stock` gives those that they replace. */
export function smallKernels(heap: Heap, stock: StockKernel): tf.KernelConfig[] {
  const { module } = heap;
  const sum =
    (factor: (count: number) => number): Parameters<typeof reduction>[2] =>
    (x, out, { outer, count, inner }) =>
      void module["reduceSum"]!(x, out, outer, count, inner, factor(count));
  const kernels: readonly (readonly [name: string, kernel: Kernel])[] = [
    ["Identity", identity(heap)],
    ["Exp", ofArray(heap, stock("Exp")!, "expArray")],
    ["Expm1", ofArray(heap, stock("Expm1")!, "expMinusOneArray")],
    [
      "Sum",
      reduction(
        heap,
        stock("Sum")!,
        sum(() => 1),
      ),
    ],
    [
      "Mean",
      reduction(
        heap,
        stock("Mean")!,
        sum((count) => 1 / count),
      ),
    ],
    [
      "Max",
      reduction(
        heap,
        stock("Max")!,
        (x, out, { outer, count, inner }) => void module["reduceMax"]!(x, out, outer, count, inner),
      ),
    ],
    ["SplitV", splitV(heap, stock("SplitV")!)],
    ["UnsortedSegmentSum", unsortedSegmentSum(heap)],
  ];
  return kernels.map(([kernelName, kernelFunc]) => ({ kernelName, backendName: "wasm", kernelFunc }));
}
