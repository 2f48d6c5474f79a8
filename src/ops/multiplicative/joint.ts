// Two directions in one pass: one tile serves both triangles, and k and v are read once for both states.

import * as tf from "#engine/tf";
import type { TwoWayScan } from "./causal-scan.ts";
import { carry, chunkDecays, cut, join, times, type ChunkDecays } from "./chunks.ts";
import { betweenBackward, prepare, type ChunkOptions, type Prepared } from "./chunked.ts";
import { sumTo } from "./sequential.ts";

/** The sum of the scan 0 … N−1 and of the scan N−1 … 0; the current token counts in each. */
export function jointScan(options: ChunkOptions): TwoWayScan {
  return {
    forward(scan) {
      const prepared = prepare(scan, options);
      const { inputs, chunks, tile } = prepared;
      return join(tf.add(betweenForward(prepared), tile.forward(inputs, true)), chunks);
    },

    backward(scan, dOut) {
      const { inputs, chunks, tile } = prepare(scan, options);
      const cotangent = cut(dOut, chunks);
      const shared = { inputs, cotangent, chunks, initial: undefined, dFinal: undefined };
      const parts = [
        tile.backward(inputs, cotangent, true),
        betweenBackward({ ...shared, reverse: false }),
        betweenBackward({ ...shared, reverse: true }),
      ];
      const decays = parts.flatMap(({ logDecay }) => (logDecay === undefined ? [] : [logDecay]));
      return {
        q: join(tf.addN(parts.map(({ q }) => q)), chunks),
        k: join(tf.addN(parts.map(({ k }) => k)), chunks),
        v: join(tf.addN(parts.map(({ v }) => v)), chunks),
        logDecay: scan.logDecay === undefined ? undefined : sumTo(join(tf.addN(decays), chunks), scan.logDecay.shape),
        initialState: undefined,
      };
    },
  };
}

/** [q∘e^{from start} | q∘e^{from end}] times the states handed from the left above those from the right. */
function betweenForward({ inputs, chunks: { count } }: Prepared): tf.Tensor3D {
  const { q, k, v, logDecay } = inputs;
  const D = q.shape[2];
  const right = chunkDecays(logDecay);
  const left = chunkDecays(logDecay, true);
  const sideBySide = (x: tf.Tensor3D, factor: (decays: ChunkDecays) => tf.Tensor3D) =>
    tf.concat([times(x, right && factor(right)), times(x, left && factor(left))], 2);
  const added = tf.matMul<tf.Tensor3D>(
    sideBySide(k, (decays) => decays.toEnd),
    v,
    true,
  ); // [X, 2D, E]
  const [addedRight, addedLeft] = tf.split(added, [D, D], 1) as [tf.Tensor3D, tf.Tensor3D];
  const handed = tf.concat(
    [
      carry({ added: addedRight, total: right?.total, initial: undefined, count }).handed,
      carry({ added: addedLeft, total: left?.total, initial: undefined, count, reverse: true }).handed,
    ],
    1,
  );
  return tf.matMul<tf.Tensor3D>(
    sideBySide(q, (decays) => decays.fromStart),
    handed,
  );
}
