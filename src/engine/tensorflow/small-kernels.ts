// Kernels of the package that do more than there is to do. tfjs casts after nearly every operation of a backward pass, always to
// the type that the tensor has, and one reshape of six is to its own shape: these cost nothing here. The other reshapes, 339
// in a training step of the kernel bench, keep the tensors that name their shapes: one was made, uploaded and disposed of a call.

import * as tf from "../tf.ts";
import type { Binding } from "./binding.ts";

type Kernel = tf.KernelConfig["kernelFunc"];

/** The package's backend, as far as these kernels use it. */
interface NodeBackend extends tf.KernelBackend {
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(metadata: unknown): tf.TensorInfo;
}

function same(x: tf.TensorInfo, backend: unknown): tf.TensorInfo {
  (backend as tf.KernelBackend).incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
}

function cast(stock: Kernel): Kernel {
  return (call) => {
    const x = call.inputs["x"]!;
    return call.attrs?.["dtype"] === x.dtype ? same(x, call.backend) : stock(call);
  };
}

/** Shapes that are kept; a model has dozens. */
const MOST_SHAPES = 512;

function reshape(stock: Kernel, binding: Binding): Kernel {
  // Kept outside tfjs, for which they would be leaks: handles of the binding by shape, the oldest first.
  const handles = new Map<string, number>();
  const handleOf = (shape: readonly number[]): number => {
    const key = shape.join();
    const known = handles.get(key);
    if (known !== undefined) return known;
    const oldest = handles.size < MOST_SHAPES ? undefined : handles.entries().next().value;
    if (oldest !== undefined) {
      binding.deleteTensor(oldest[1]);
      handles.delete(oldest[0]);
    }
    const handle = binding.createTensor([shape.length], binding.TF_INT32, Int32Array.from(shape));
    handles.set(key, handle);
    return handle;
  };
  const attributes = [
    { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: "Tshape", type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
  ];
  return (call) => {
    const x = call.inputs["x"]!;
    const shape = call.attrs!["shape"] as number[];
    if (tf.util.arraysEqual(x.shape, shape)) return same(x, call.backend);
    if (x.dtype !== "float32" || shape.length === 0) return stock(call);
    const backend = call.backend as NodeBackend;
    const [id] = backend.getInputTensorIds([x]);
    const [result] = binding.executeOp("Reshape", attributes, [id!, handleOf(shape)], 1);
    return backend.createOutputTensor(result);
  };
}

/** Puts them in the place of the package's kernels. */
export function useSmallKernels(binding: Binding): void {
  replace("Cast", cast);
  replace("Reshape", (stock) => reshape(stock, binding));
}

function replace(kernelName: string, by: (stock: Kernel) => Kernel): void {
  const stock = tf.getKernel(kernelName, "tensorflow") as tf.KernelConfig | undefined;
  if (stock === undefined) return;
  tf.unregisterKernel(kernelName, "tensorflow");
  tf.registerKernel({ ...stock, kernelFunc: by(stock.kernelFunc) });
}
