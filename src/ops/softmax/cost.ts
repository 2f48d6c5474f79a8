// Operations and least bytes of softmax attention. Exponentials and sums, O(N²), are not counted.

import type { OperatorSpec, Pass, Shape } from "#case/case";
import { leastWork } from "../least-work.ts";
import type { Work } from "../operator.ts";

/** Queries and keys of a tile. */
export const TILE = 256;

/** Pairs of tokens that a strategy computes: all N², or for causal tiles those of tiles that reach below the diagonal. */
function pairsOf(spec: OperatorSpec, N: number, strategy: string): number {
  if (!spec.causal || strategy === "materialised") return N * N;
  if (strategy !== "tiled") return (N * (N + 1)) / 2;
  let pairs = 0;
  for (let start = 0; start < N; start += TILE) {
    const end = Math.min(start + TILE, N);
    pairs += (end - start) * end;
  }
  return pairs;
}

/** 2·pairs·(D+E) forward; backward dp, dv (E each) and dq, dk (D each), and `tiled` forms the scores (D) again. */
export function softmaxWork(spec: OperatorSpec, shape: Shape, pass: Pass, strategy: string): Work {
  const { B, H, N, D, E } = shape;
  const pairs = pairsOf(spec, N, strategy);
  const forward = 2 * pairs * (D + E);
  const again = strategy === "materialised" ? 0 : 2 * pairs * D;
  const backward = 2 * pairs * (2 * D + 2 * E) + again;
  return {
    flops: B * H * (pass === "forward" ? forward : forward + backward),
    ...leastWork(Object.values(softmaxInputShapes(shape)), shape, pass, []),
  };
}

/** Names and shapes of the inputs. */
export function softmaxInputShapes({ B, H, N, D, E }: Shape) {
  return { q: [B, H, N, D], k: [B, H, N, D], v: [B, H, N, E] };
}
