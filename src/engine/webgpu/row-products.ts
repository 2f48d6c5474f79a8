// Inner products of rows, in one pass and without the products in memory; either operand may be stored as float16.

import type * as tf from "../tf.ts";
import { gridOf, ROW_OF_GROUPS, THREADS } from "./arrays.ts";
import { quads, written } from "./bindings.ts";
import type { Gpu } from "./dispatch.ts";
import { isHalf, widthOf } from "./half.ts";
import { inQuads, quadReader } from "./wgsl/text.ts";

/** Threads that share a row: 64 numbers at a time. */
const THREADS_OF_ROW = 16;
const ROWS = THREADS / THREADS_OF_ROW;

/** Σ_w a_w b_w of each row: [G, N, W], [G, N, W] → [G, N, 1]. */
export function rowProducts(gpu: Gpu, a: tf.Tensor3D, b: tf.Tensor3D): tf.Tensor3D {
  const [G, N] = a.shape;
  const y = gpu.output<tf.Rank.R3>([G, N, 1]);
  const width = widthOf(a);
  const reader = (name: string, x: tf.Tensor3D) =>
    quadReader(`read_${name}`, name, { text: "params.width", quads: inQuads(width), halves: isHalf(x) });
  gpu.run({
    code: `${reader("a", a)}
${reader("b", b)}
var<workgroup> sums: array<f32, ${THREADS}>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let thread = i32(index);
  let row = (i32(group.y) * ${ROW_OF_GROUPS} + i32(group.x)) * ${ROWS} + thread / ${THREADS_OF_ROW};
  var sum = 0.0;
  if (row < params.rows) {
    for (var column = 4 * (thread % ${THREADS_OF_ROW}); column < params.width; column += ${4 * THREADS_OF_ROW}) { sum += dot(read_a(row, column), read_b(row, column)); }
  }
  sums[thread] = sum;
  workgroupBarrier();
  if (thread % ${THREADS_OF_ROW} == 0 && row < params.rows) {
    var total = 0.0;
    for (var i = 0; i < ${THREADS_OF_ROW}; i++) { total += sums[thread + i]; }
    y[row] = total;
  }
}`,
    bindings: [written("y", y), quads("a", a), quads("b", b)],
    params: { rows: G * N, width },
    grid: gridOf(G * N * THREADS_OF_ROW),
  });
  return y;
}
