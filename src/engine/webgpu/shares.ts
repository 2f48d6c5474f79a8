// How tokens are divided among workgroups, so that a GPU is filled where batch and heads alone are few. No tensor library: models of
// the kernels' cost (costs/) divide as the kernels do.

import { SLICE } from "./wgsl/product.ts";

/** Enough for two workgroups on each multiprocessor of the largest GPUs (the H100 has 132) with room for uneven ends. */
const WORKGROUPS_WANTED = 512;
/** A part of a product shorter than this costs more to combine than it gains. */
const LEAST_TOKENS = 256;

/** Shortest segment of tokens that is scanned on its own: below it, states would be a tenth of the traffic. */
export const SEGMENT_TOKENS = 1024;

/** Scans of columns run one thread a channel: many short segments, or they would wait for memory. */
export const COLUMN_TOKENS = 256;

export interface Parts {
  readonly parts: number;
  /** of a part */
  readonly slices: number;
}

/** How to divide N tokens, in slices, among workgroups of which there are `others` anyway. */
export function partsOf(others: number, N: number): Parts {
  const wanted = Math.min(Math.ceil(WORKGROUPS_WANTED / others), Math.ceil(N / LEAST_TOKENS));
  const slices = Math.ceil(N / SLICE / wanted);
  return { parts: Math.ceil(N / SLICE / slices), slices };
}

/** The same of a product's inner axis: dividing costs a sum afterwards, so only where it is long and the result small. */
export function partsOfInner(others: number, rows: number, inner: number): Parts {
  return inner > 4 * rows ? partsOf(others, inner) : undivided(inner);
}

export function undivided(inner: number): Parts {
  return { parts: 1, slices: Math.ceil(inner / SLICE) };
}

export interface Segments {
  readonly segments: number;
  readonly length: number;
}

/** Segments of N tokens for workgroups of which there are `others` anyway. */
export function segmentsOf(others: number, N: number, leastTokens: number): Segments {
  const wanted = Math.max(1, Math.min(Math.ceil(WORKGROUPS_WANTED / others), Math.floor(N / leastTokens)));
  const length = Math.ceil(N / wanted);
  return { segments: Math.ceil(N / length), length };
}
