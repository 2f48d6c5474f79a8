// Shapes and grids.

import type { Shape } from "./case.ts";

export interface ShapeOptions {
  readonly grid: readonly number[];
  readonly B?: number;
  readonly H?: number;
  readonly D?: number;
  readonly E?: number;
  readonly prefix?: number;
}

/** A shape from its grid; B 1, H 4, D 64, E = D unless given. */
export function shapeOf({ grid, B = 1, H = 4, D = 64, E = D, prefix = 0 }: ShapeOptions): Shape {
  return { B, H, N: prefix + grid.reduce((product, axis) => product * axis, 1), D, E, grid: [...grid], prefix };
}

/** A grid of `dimensions` axes with N tokens, as near to a cube as powers of two allow. */
export function gridOf(N: number, dimensions: number): number[] {
  const exponent = Math.log2(N);
  if (!Number.isInteger(exponent)) throw new RangeError(`gridOf: N must be a power of two, got ${N}`);
  return Array.from({ length: dimensions }, (_, axis) => 2 ** Math.floor((exponent + axis) / dimensions));
}
