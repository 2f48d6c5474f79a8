// Operations and least bytes of the additive operator, per product. Exponentials, sums and scalings are O(N·D) and
// not counted; a multiply-add counts two.

import type { OperatorSpec, Pass, Shape } from "#case/case";
import { leastWork } from "../least-work.ts";
import type { InputName, Work } from "../operator.ts";

/** Tokens of a chunk: the state passes between chunks, the triangle inside is computed in halves. */
export const CHUNK = 64;

/** Names and shapes of the inputs. */
export function additiveInputShapes(
  spec: OperatorSpec,
  { B, H, N, D, E }: Shape,
): { readonly [Name in InputName]?: readonly number[] } {
  const key = spec.explicitKey === true ? { k: [B, H, N, D] } : {};
  return { q: [B, H, N, D], ...key, v: [B, H, N, E], g: [B, H, N, D] };
}

/** Operations of one head: [forward, backward]. */
function headFlops(strategy: string, causal: boolean, { N, D, E }: Shape): readonly [number, number] {
  const state = N * D * E;
  const pairs = N * N;
  if (strategy === "global-pairwise") return [2 * pairs * (D + E), 2 * pairs * (2 * D + 2 * E)];
  if (strategy === "parallel") return [2 * pairs * (D + E), 2 * pairs * (4 * D + 2 * E)];
  if (!causal) return [4 * state, 8 * state];
  if (strategy === "chunked") {
    const C = chunkOf(N);
    // Pairs j ≤ t of a chunk: C(C+1)/2. Forward q·k and ·v; backward do·v, then dq, q·k, dk (D each) and dv (E).
    return [4 * state + N * (C + 1) * (D + E), 8 * state + N * (C + 1) * (3 * D + 2 * E)];
  }
  return [4 * state, 10 * state]; // token by token: the backward pass runs the forward states again
}

/** The chunk for N tokens: the next power of two, at most CHUNK. */
export function chunkOf(N: number): number {
  return Math.min(CHUNK, 2 ** Math.ceil(Math.log2(N)));
}

/**
 * Work of the additive operator. Global: 4NDE forward, 8NDE backward a head. Chunked causal: 4NDE + N(C+1)(D+E), the
 * tiles above the diagonal skipped (dense tiles would be 2NC(D+E)).
 */
export function additiveWork(spec: OperatorSpec, shape: Shape, pass: Pass, strategy: string): Work {
  const { B, H, D, E } = shape;
  const [forward, backward] = headFlops(strategy, spec.causal, shape);
  return {
    flops: B * H * (pass === "forward" ? forward : forward + backward),
    ...leastWork(Object.values(additiveInputShapes(spec, shape)), shape, pass, [
      [B, H, D, E],
      [B, H, D],
    ]),
  };
}
