// What kernels that stand in for tfjs's share: a thread for every element of a grid that may be longer than an axis allows,
// and the shape of a tensor around one of its axes.

import type { Gpu } from "./dispatch.ts";

export const THREADS = 256;
/** Workgroups in a row of the grid, which is limited along each axis. */
export const ROW_OF_GROUPS = 32768;

/** Head of a program with one thread an element: `at` counts them, those from `params.size` on have returned. */
export const FOR_EACH = `
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let at = (i32(group.y) * ${ROW_OF_GROUPS} + i32(group.x)) * ${THREADS} + i32(index);
  if (at >= params.size) { return; }`;

/** The grid for `size` elements. */
export function gridOf(size: number): [number, number, number] {
  const groups = Math.ceil(size / THREADS);
  return [Math.min(groups, ROW_OF_GROUPS), Math.ceil(groups / ROW_OF_GROUPS), 1];
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** A shape seen as [before, length, after] around the axes `from` … `to` − 1. */
export function around(
  shape: readonly number[],
  from: number,
  to: number,
): { before: number; length: number; after: number } {
  return {
    before: sizeOf(shape.slice(0, from)),
    length: sizeOf(shape.slice(from, to)),
    after: sizeOf(shape.slice(to)),
  };
}

/** Uninitialised float32 of this shape, for a tfjs kernel to return. */
export function result(gpu: Gpu, shape: readonly number[]) {
  return gpu.backend.makeTensorInfo([...shape], "float32");
}
