// Where tokens stand: their coordinates on a grid, and which frequencies turn which channels.

import { ShapeError } from "#base/errors";
import { anglesPerAxis } from "#weights/angle-forms";

/** A row-major grid after `prefix` tokens without a position; `offset` is added to every coordinate. */
export interface Place {
  readonly grid: readonly number[];
  readonly prefix?: number;
  readonly offset?: number;
}

export interface AngleLayout {
  readonly heads: number;
  /** angles a head: D for the cosine form, D/2 for the rotary one */
  readonly width: number;
  readonly place: Place;
}

export function tokensOf({ grid, prefix = 0 }: Place): number {
  return prefix + grid.reduce((product, axis) => product * axis, 1);
}

/** Coordinate of each token along `axis`; prefix tokens stand at 0. */
export function coordinates({ grid, prefix = 0, offset = 0 }: Place, axis: number): Float64Array {
  const inner = grid.slice(axis + 1).reduce((product, n) => product * n, 1);
  const length = grid[axis]!;
  return Float64Array.from({ length: tokensOf({ grid, prefix }) }, (_, token) =>
    token < prefix ? 0 : (Math.floor((token - prefix) / inner) % length) + offset,
  );
}

/** The axis that angle `index` follows. */
export function axisOf(index: number, { width, place }: AngleLayout): number {
  return Math.floor(index / anglesPerAxis(width, place.grid.length));
}

/**
 * Where the frequency of angle `index` stands in its head's row of θ: rows of ⌈width/m⌉ are shared by the axes,
 * rows of `width` give each axis its own.
 *
 * @throws {ShapeError} another length of row
 */
export function thetaIndex(index: number, thetaWidth: number, { width, place }: AngleLayout): number {
  const shared = anglesPerAxis(width, place.grid.length);
  if (thetaWidth !== shared && thetaWidth !== width) {
    throw new ShapeError(
      "encoding",
      "theta",
      `[H, ${shared}] (shared by the axes) or [H, ${width}]`,
      `${thetaWidth} a head`,
    );
  }
  return thetaWidth === width ? index : index % shared;
}
