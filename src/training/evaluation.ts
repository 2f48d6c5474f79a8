// What evaluations of every task do: go over items in batches of one size, and bring numbers back from the engine.

import * as tf from "#engine/tf";

/** Numbers 0 to `count` − 1, `size` at a time. */
export function* batchesOf(count: number, size: number): Generator<Int32Array<ArrayBuffer>> {
  for (let start = 0; start < count; start += size)
    yield Int32Array.from({ length: Math.min(size, count - start) }, (_, i) => start + i);
}

/** Values of the tensor that `make` computes; nothing stays on the engine. */
export async function valuesOf(make: () => tf.Tensor): Promise<Float32Array> {
  const tensor = tf.tidy(make);
  const values = (await tensor.data()) as Float32Array;
  tensor.dispose();
  return values;
}
