// Tables added to the embedding: fixed sines and cosines, or trained entries.

import type { AbsoluteOptions, EncodingOperations } from "./encoding.ts";
import { axisOf, coordinates, tokensOf } from "./place.ts";
import { anglesPerAxis } from "#weights/angle-forms";

/** Standard deviation of a trained table's first entries. */
const LEARNED_SCALE = 0.02;

/**
 * First half sin(t θ_i), second half cos(t θ_i); on a grid each axis owns a slice of the angles,
 * θ_i = 10000^(−i/w) with w angles an axis. Prefix tokens stand at 0.
 *
 * @source Vaswani et al., arXiv 1706.03762, halves instead of interleaved pairs
 */
export function sinusoidalTable({ C, place }: AbsoluteOptions): Float32Array {
  const N = tokensOf(place);
  const width = Math.ceil(C / 2);
  const perAxis = anglesPerAxis(width, place.grid.length);
  const positions = place.grid.map((_, axis) => coordinates(place, axis));
  return Float32Array.from({ length: N * C }, (_, at) => {
    const channel = at % C;
    const index = channel % width;
    const axis = axisOf(index, { heads: 1, width, place });
    const angle = positions[axis]![Math.floor(at / C)]! * 10_000 ** (-(index % perAxis) / perAxis);
    return channel < width ? Math.sin(angle) : Math.cos(angle);
  });
}

export const sinusoidal: EncodingOperations = { absolute: sinusoidalTable, trained: false };

export const learned: EncodingOperations = {
  absolute: ({ C, place }, random) =>
    Float32Array.from({ length: tokensOf(place) * C }, () => LEARNED_SCALE * random.normal()),
  trained: true,
};
