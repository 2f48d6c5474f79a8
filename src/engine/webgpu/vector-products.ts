// Products with a vector (one row, one column, or one term a sum) for tfjs-backend-webgpu, whose tiles would be empty but for
// one row, or whose every result would cost a workgroup. Decoding and token-by-token strategies consist of them.

import * as tf from "../tf.ts";
import { FOR_EACH, gridOf, result, sizeOf } from "./arrays.ts";
import { readOnly, written } from "./bindings.ts";
import type { Gpu } from "./dispatch.ts";

interface Attributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Longer sums stay with tfjs: its threads share one. */
const LONGEST = 256;

export function useVectorProducts(gpu: Gpu): void {
  const { kernelFunc } = tf.getKernel("BatchMatMul", "webgpu");
  tf.unregisterKernel("BatchMatMul", "webgpu");
  tf.registerKernel({
    kernelName: "BatchMatMul",
    backendName: "webgpu",
    kernelFunc: (call) =>
      vectorProduct(gpu, [call.inputs["a"]!, call.inputs["b"]!], call.attrs as unknown as Attributes) ??
      kernelFunc(call),
  });
}

/** Undefined where neither factor is a vector, the sums are long, or batches differ other than by one being 1. */
function vectorProduct(
  gpu: Gpu,
  [a, b]: readonly [tf.TensorInfo, tf.TensorInfo],
  { transposeA, transposeB }: Attributes,
): tf.TensorInfo | undefined {
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const [M, K] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [K2, N] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  const [batchesA, batchesB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [ofA, ofB] = [sizeOf(batchesA), sizeOf(batchesB)];
  const alike = batchesA.length === batchesB.length && batchesA.every((size, axis) => size === batchesB[axis]);
  if (K !== K2 || Math.min(M, K, N) !== 1 || K > LONGEST || (!alike && Math.min(ofA, ofB) !== 1)) return undefined;
  if (a.dtype !== "float32" || b.dtype !== "float32") return undefined;
  const shape = [...tf.broadcast_util.assertAndGetBroadcastShape(batchesA, batchesB), M, N];
  const size = sizeOf(shape);
  if (size === 0) return undefined;
  const y = result(gpu, shape);
  gpu.run({
    code: PRODUCT,
    bindings: [written("y", y), readOnly("a", a), readOnly("b", b)],
    params: {
      size,
      M,
      N,
      K,
      batchA: ofA === 1 ? 0 : M * K,
      batchB: ofB === 1 ? 0 : K * N,
      rowA: transposeA ? 1 : K,
      termA: transposeA ? M : 1,
      termB: transposeB ? 1 : N,
      columnB: transposeB ? K : 1,
    },
    grid: gridOf(size),
  });
  return y;
}

const PRODUCT = `${FOR_EACH}
  let n = at % params.N;
  let m = at / params.N % params.M;
  let batch = at / (params.M * params.N);
  let row = batch * params.batchA + m * params.rowA;
  let column = batch * params.batchB + n * params.columnB;
  var sum = 0.0;
  for (var k = 0; k < params.K; k++) { sum += a[row + k * params.termA] * b[column + k * params.termB]; }
  y[at] = sum;
}`;
