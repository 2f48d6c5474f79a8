// Cumulative sums along short axes on the CPU, as a product with a triangle of ones: TensorFlow's own scan takes 5 to
// 20 ns an element on one thread, which was half of a training step of the chunked recurrences. Long axes stay with it.

import * as tf from "../tf.ts";

/** Above this the product's L operations an element cost more than the scan. */
const LONGEST = 256;
/** Infinities count as the largest float32: in a product, 0 · ∞ would spoil the sums that do not contain them. */
const LARGEST = 3.4028234663852886e38;

interface Attributes {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

const triangles = new Map<string, Float32Array>();

/** Row i has ones at the positions that sum i takes. Kept as numbers, not as a tensor, which would count as a leak. */
function triangle(length: number, exclusive: boolean, reverse: boolean): Float32Array {
  const key = `${length} ${exclusive} ${reverse}`;
  const known = triangles.get(key);
  if (known !== undefined) return known;
  const ones = new Float32Array(length * length);
  for (let i = 0; i < length; i++) {
    for (let j = 0; j < length; j++) {
      const before = reverse ? i < j : j < i;
      ones[i * length + j] = before || (i === j && !exclusive) ? 1 : 0;
    }
  }
  triangles.set(key, ones);
  return ones;
}

function byProduct(x: tf.Tensor, { axis, exclusive, reverse }: Attributes): tf.Tensor {
  const length = x.shape[axis]!;
  const outer = x.shape.slice(0, axis).reduce((product, size) => product * size, 1);
  const inner = x.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  return tf.tidy(() => {
    const ones = tf.tensor2d(triangle(length, exclusive, reverse), [length, length]);
    const finite = tf.clipByValue(x, -LARGEST, LARGEST);
    const sums =
      inner === 1
        ? tf.matMul(tf.reshape(finite, [outer, length]), ones, false, true)
        : tf.matMul(tf.reshape(ones, [1, length, length]), tf.reshape(finite, [outer, length, inner]));
    return tf.reshape(sums, x.shape);
  });
}

/** Puts the product in the place of the package's kernel where it is faster. */
export function useFastCumsum(): void {
  const stock = tf.getKernel("Cumsum", "tensorflow") as tf.KernelConfig | undefined;
  if (stock === undefined) return;
  tf.unregisterKernel("Cumsum", "tensorflow");
  tf.registerKernel({
    ...stock,
    kernelFunc: (call) => {
      const x = call.inputs["x"] as tf.Tensor;
      const attributes = call.attrs as unknown as Attributes;
      const length = x.shape[attributes.axis];
      const isShort = length !== undefined && length <= LONGEST;
      return isShort && x.dtype === "float32" && x.size > 0 ? byProduct(x, attributes) : stock.kernelFunc(call);
    },
  });
}
