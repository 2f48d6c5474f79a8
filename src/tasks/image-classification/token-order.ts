// In which order the tokens of an image are handed to a model: how much a causal form depends on it is measured by
// training it with several. Places, too, are counted in the order given, so a form that sees all tokens is unmoved.

import { UsageError } from "#base/errors";
import type { Recipe } from "#case/case";

export type TokenOrder = NonNullable<Recipe["tokenOrder"]>;

/**
 * The token of the row-major grid that stands at each place. A transposed grid is read column by column, and has to be
 * square to fit the places.
 *
 * @throws {UsageError} a grid that cannot be transposed
 */
export function tokenOrder(grid: readonly number[], order: TokenOrder): number[] {
  const count = grid.reduce((product, extent) => product * extent, 1);
  const places = Array.from({ length: count }, (_, place) => place);
  if (order === "row-major") return places;
  if (order === "reversed") return places.map((place) => count - 1 - place);
  const [rows, columns] = grid;
  if (grid.length !== 2 || rows !== columns)
    throw new UsageError(`Token order transposed needs a square grid of two dimensions, got ${grid.join(" × ")}.`, {
      grid,
      order,
    });
  return places.map((place) => (place % rows!) * rows! + Math.floor(place / rows!));
}

/** Tokens [B, N, size] brought into an order. */
export function reordered(
  tokens: Float32Array<ArrayBuffer>,
  order: readonly number[],
  size: number,
): Float32Array<ArrayBuffer> {
  const moved = new Float32Array(tokens.length);
  const each = order.length * size;
  for (let image = 0; image < tokens.length; image += each) {
    order.forEach((from, place) =>
      moved.set(tokens.subarray(image + from * size, image + (from + 1) * size), image + place * size),
    );
  }
  return moved;
}
