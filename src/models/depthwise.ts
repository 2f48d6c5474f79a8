// A filter of three taps along every axis of a grid, per channel, with its own gradient: not every engine has that of a
// depthwise convolution. The last two axes go through the engine's convolution; a first one is a sum of three of them.
// No tensor has more than four axes, since an engine may take the slow path for those that have.
//
// Work on V = B·N·C values with T = 3^m taps: 2TV operations forward, 4TV backward. Bytes moved, in float32: the least is
// 8V forward and 16V backward; forward takes 8V for each plane of taps and as much again to shift it where there are three,
// the gradient of x the same, that of the filter 24V a tap (copied, multiplied, added up), which is what backward takes.

import * as tf from "#engine/tf";

/** The grid as three axes: those that are missing have one cell and one tap. */
interface Place {
  readonly cells: readonly [planes: number, rows: number, columns: number];
  readonly taps: readonly [planes: number, rows: number, columns: number];
  readonly channels: number;
  /** taps on a cell and the two before it, instead of one to either side */
  readonly causal: boolean;
}

type Convolve = (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor;

/**
 * y[i] = Σ over taps s in {0, 1, 2}^m of filter[s] ∘ x[i + s − 1], zeros outside; x[i + s − 2] where causal.
 *
 * @param grid one to three extents, N = their product
 * @returns [B, N, C] from x [B, N, C] and filter [3^m, C], tap Σ s_a 3^a
 */
export function createDepthwise(grid: readonly number[], channels: number, causal: boolean): Convolve {
  if (grid.length < 1 || grid.length > 3)
    throw new Error(`a depthwise filter is for one to three axes, not ${grid.length}`);
  const asThree = (extents: readonly number[]) =>
    [...new Array<number>(3 - grid.length).fill(1), ...extents] as [number, number, number];
  const place: Place = { cells: asThree(grid), taps: asThree(grid.map(() => 3)), channels, causal };
  return tf.customGrad((...args: unknown[]) => {
    const [x, filter, save] = args as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([x, filter]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [input, weights] = saved as [tf.Tensor, tf.Tensor];
      // dx is dy filtered from the other side; the last tap becomes the first.
      return [correlated(dy, tf.reverse(weights, 0), { place, isReversed: true }), filterGradient(input, dy, place)];
    };
    return { value: correlated(x, filter, { place, isReversed: false }), gradFunc: gradFunc as never };
  }) as unknown as Convolve;
}

interface Direction {
  readonly place: Place;
  /** the cells after instead of before, where causal */
  readonly isReversed: boolean;
}

function correlated(x: tf.Tensor, filter: tf.Tensor, { place, isReversed }: Direction): tf.Tensor {
  const [planes, rows, columns] = place.taps;
  const byPlane = tf.reshape(filter, [columns * rows, planes, place.channels]); // taps are numbered with the first axis fastest
  const parts = planesMet(x, place, isReversed).map((met, plane) => {
    const taps = tf.reshape(tf.slice(byPlane, [0, plane, 0], [columns * rows, 1, place.channels]), [
      columns,
      rows,
      place.channels,
      1,
    ]);
    return tf.depthwiseConv2d(met, tf.transpose(taps, [1, 0, 2, 3]) as tf.Tensor4D, 1, "valid");
  });
  return tf.reshape(parts.length === 1 ? parts[0]! : tf.addN(parts), x.shape);
}

/** For each tap along the planes: the planes it meets, with their margins, [B·planes, rows + 2, columns + 2, C]. */
function planesMet(x: tf.Tensor, { cells, taps, channels, causal }: Place, isReversed: boolean): tf.Tensor4D[] {
  const [planes, rows, columns] = cells;
  const B = x.shape[0]!;
  const margin = (count: number): [number, number] =>
    count === 1 ? [0, 0] : !causal ? [1, 1] : isReversed ? [0, 2] : [2, 0];
  const [above, beside] = [margin(taps[1]), margin(taps[2])];
  const padded = tf.pad(tf.reshape(x, [B * planes, rows, columns, channels]), [
    [0, 0],
    above,
    beside,
    [0, 0],
  ]) as tf.Tensor4D;
  if (taps[0] === 1) return [padded];
  const size = padded.size / (B * planes);
  const all = tf.pad(tf.reshape(padded, [B, planes, size]), [[0, 0], margin(taps[0]), [0, 0]]);
  return [0, 1, 2].map((s) => tf.reshape(tf.slice(all, [0, s, 0], [B, planes, size]), padded.shape));
}

/** dfilter[s] = Σ over batch and cells of dy ∘ what tap s met: [3^m, C]. */
function filterGradient(x: tf.Tensor, dy: tf.Tensor, place: Place): tf.Tensor {
  const { cells, taps, channels } = place;
  const [planes, rows, columns] = cells;
  const count = x.size / channels;
  const gradient = tf.reshape(dy, [count, channels]);
  const margin = (count: number) => (count === 1 ? 0 : 2);
  // Rows as one axis with their channels: longer pieces to copy.
  const met = planesMet(x, place, false).map((values) =>
    tf.reshape(values, [-1, rows + margin(taps[1]), (columns + margin(taps[2])) * channels]),
  );
  const sums = Array.from({ length: taps[0] * taps[1] * taps[2] }, (_, tap) => {
    const [plane, row, column] = [
      tap % taps[0],
      Math.floor(tap / taps[0]) % taps[1],
      Math.floor(tap / (taps[0] * taps[1])),
    ];
    // Given up at once: the next tap finds the same memory, still in the cache.
    return tf.tidy(() => {
      const values = tf.slice(
        met[plane]!,
        [0, row, column * channels],
        [x.shape[0]! * planes, rows, columns * channels],
      );
      return tf.sum(tf.mul(tf.reshape(values, [count, channels]), gradient), 0);
    });
  });
  return tf.stack(sums);
}
