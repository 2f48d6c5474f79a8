// The tfjs kernels BatchMatMul and _FusedMatMul on our GEMM: every product of tfjs and its gradient goes through here.

import { HarnessError, ShapeError } from "#base/errors";
import type * as tf from "../tf.ts";
import type { Heap } from "./heap.ts";

interface MatrixShape {
  readonly batch: readonly number[];
  readonly rows: number;
  readonly columns: number;
}

interface Product {
  readonly a: tf.TensorInfo;
  readonly b: tf.TensorInfo;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Activations of `epilogue` in assembly/epilogue.ts, by tfjs name. */
const ACTIVATIONS: Readonly<Record<string, number>> = {
  linear: 0,
  relu: 1,
  relu6: 2,
  sigmoid: 3,
  elu: 4,
  leakyrelu: 5,
  prelu: 6,
};

function shapeOf(tensor: tf.TensorInfo, transposed: boolean): MatrixShape {
  const { shape } = tensor;
  const last = shape[shape.length - 1]!;
  const first = shape[shape.length - 2]!;
  return { batch: shape.slice(0, -2), rows: transposed ? last : first, columns: transposed ? first : last };
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1)
      throw new ShapeError("matMul", "b", `broadcastable with [${a.join(", ")}]`, b);
    return left === 1 ? right : left;
  });
}

/** For each matrix of the result, the number of the operand's matrix that it uses. */
function matrixNumbers(batch: readonly number[], result: readonly number[]): number[] {
  let numbers = [0];
  let below = batch.reduce((product, size) => product * size, 1);
  const offset = result.length - batch.length;
  result.forEach((size, axis) => {
    const own = axis < offset ? 1 : batch[axis - offset]!;
    if (axis >= offset) below /= own;
    const stride = own === 1 ? 0 : below;
    numbers = numbers.flatMap((start) => Array.from({ length: size }, (_, i) => start + i * stride));
  });
  return numbers;
}

/** op(a) op(b) into a new tensor, batch axes broadcast. */
export function multiply(heap: Heap, { a, b, transposeA, transposeB }: Product): tf.TensorInfo {
  const left = shapeOf(a, transposeA);
  const right = shapeOf(b, transposeB);
  if (left.columns !== right.rows)
    throw new ShapeError("matMul", "b", `a matrix with ${left.columns} rows`, [right.rows, right.columns]);
  const batch = broadcast(left.batch, right.batch);
  const addressA = heap.address(a, "matMul", "a");
  const addressB = heap.address(b, "matMul", "b");
  const out = heap.output([...batch, left.rows, right.columns]);
  const product = { M: left.rows, N: right.columns, K: left.columns, transposeA, transposeB };
  const matrices = batch.reduce((total, size) => total * size, 1);
  const addressC = heap.addressOf(out);
  const sharedB = right.batch.every((size) => size === 1);
  if (sharedB && !transposeA) {
    // One B for all: the matrices of A follow each other and are one tall matrix.
    run(heap, { ...product, M: product.M * matrices }, 1, () => [addressA, addressB, addressC]);
    return out;
  }
  const numbersA = matrixNumbers(left.batch, batch);
  const numbersB = matrixNumbers(right.batch, batch);
  run(heap, product, matrices, (i) => [
    addressA + 4 * numbersA[i]! * product.M * product.K,
    addressB + 4 * numbersB[i]! * product.K * product.N,
    addressC + 4 * i * product.M * product.N,
  ]);
  return out;
}

interface Sizes {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Rows of C in a part: assembly/gemm.ts packs 80 rows of A at a time, and each part packs all of B. */
const ROWS_OF_PART = 80;
/** Columns of C in a part of a product that has more columns than rows: whole panels. */
const COLUMNS_OF_PART = 64;
/** Parts of a call for each thread: one that is held up by other programs leaves its share to the others. */
const PARTS_PER_THREAD = 4;
/** Matrices of a part, so that its calls fit on the board. */
const MOST_MATRICES = 1024;

/** Products of `matrices` matrices; threads take several of them, or rows or columns of one, in which no sum is cut. */
function run(
  heap: Heap,
  sizes: Sizes,
  matrices: number,
  addresses: (i: number) => readonly [a: number, b: number, c: number],
): void {
  const { M, N, K, transposeA, transposeB } = sizes;
  const space = heap.space(heap.module["gemmScratchBytes"]!());
  const lineA = transposeA ? M : K;
  const lineB = transposeB ? K : N;
  const options = [+transposeA, +transposeB] as const;
  const wanted = PARTS_PER_THREAD * (heap.threads?.count ?? 0);
  const byRows = M >= N;
  const [length, unit] = byRows ? [M, ROWS_OF_PART] : [N, COLUMNS_OF_PART];
  const ofOne = Math.max(1, Math.min(Math.ceil(wanted / matrices), Math.ceil(length / unit)));
  const step = ofOne === 1 ? length : unit * Math.ceil(length / ofOne / unit);
  const pieces = Math.max(1, Math.ceil(length / step));
  const together = pieces > 1 ? 1 : Math.max(1, Math.min(MOST_MATRICES, Math.ceil(matrices / (wanted || 1))));

  const call = (matrix: number, piece: number): number[] => {
    const [a, b, c] = addresses(matrix);
    const from = piece * step;
    const count = Math.min(step, length - from);
    return byRows
      ? [
          a + 4 * from * (transposeA ? 1 : lineA),
          lineA,
          options[0],
          b,
          lineB,
          options[1],
          c + 4 * from * N,
          N,
          count,
          N,
          K,
          0,
        ]
      : [
          a,
          lineA,
          options[0],
          b + 4 * from * (transposeB ? lineB : 1),
          lineB,
          options[1],
          c + 4 * from,
          N,
          M,
          count,
          K,
          0,
        ];
  };
  heap.run({
    kernel: "gemm",
    count: Math.ceil(matrices / together) * pieces,
    calls: (part) => {
      const first = Math.floor(part / pieces) * together;
      const last = Math.min(matrices, first + together);
      return Array.from({ length: last - first }, (_, i) => call(first + i, part % pieces));
    },
    space,
    operations: 2 * matrices * M * N * K,
  });
}

interface FusedAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly activation: string;
  readonly leakyreluAlpha?: number;
}

function finish(heap: Heap, out: tf.TensorInfo, inputs: tf.NamedTensorInfoMap, attributes: FusedAttributes): void {
  const { bias, preluActivationWeights } = inputs;
  const activation = ACTIVATIONS[attributes.activation];
  if (activation === undefined) {
    throw new HarnessError(
      "E_UNSUPPORTED",
      `_FusedMatMul: the wasm engine has no activation ${attributes.activation}. Apply it after the product.`,
    );
  }
  if (!bias && activation === 0) return;
  const columns = out.shape[out.shape.length - 1]!;
  const rows = out.shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const perColumn = (tensor: tf.TensorInfo | undefined, name: string): number => {
    if (!tensor) return 0;
    const size = tensor.shape.reduce((product, length) => product * length, 1);
    if (size !== columns) throw new ShapeError("_FusedMatMul", name, `[${columns}]`, tensor.shape);
    return heap.address(tensor, "_FusedMatMul", name);
  };
  const slopes = perColumn(preluActivationWeights, "preluActivationWeights");
  heap.module["epilogue"]!(
    heap.addressOf(out),
    rows,
    columns,
    perColumn(bias, "bias"),
    activation,
    slopes,
    attributes.leakyreluAlpha ?? 0,
  );
}

/** The kernels to register in the place of tfjs-backend-wasm's. */
export function matMulKernels(heap: Heap): tf.KernelConfig[] {
  const product: tf.KernelConfig["kernelFunc"] = ({ inputs, attrs }) => {
    const { transposeA, transposeB } = attrs as unknown as FusedAttributes;
    return multiply(heap, { a: inputs["a"]!, b: inputs["b"]!, transposeA, transposeB });
  };
  const fused: tf.KernelConfig["kernelFunc"] = (call) => {
    const out = product(call) as tf.TensorInfo;
    finish(heap, out, call.inputs, call.attrs as unknown as FusedAttributes);
    return out;
  };
  return [
    { kernelName: "BatchMatMul", backendName: "wasm", kernelFunc: product },
    { kernelName: "_FusedMatMul", backendName: "wasm", kernelFunc: fused },
  ];
}
