// Costs of softmax attention's kernel: attention.ts. Scores are formed in tiles of 64 × 64 and never written.

import { attentionMode, type AttentionMode } from "../wgsl/attention.ts";
import { SLICE, tileOf } from "../wgsl/product.ts";
import { pass, rowProductPass, stored, type PassCost, type Sizes } from "./pass.ts";

const TILE = 64;
const THREADS = 256;

export interface AttentionSizes extends Sizes {
  readonly causal: boolean;
}

export function attentionForward(sizes: AttentionSizes): PassCost[] {
  const { G, N, E, halves } = sizes;
  return [modePass(sizes, "out", [], [G * N, ...(halves ? [G * N * E] : [])])];
}

/** Scores are formed again for each of dq, dk and dv. */
export function attentionBackward(sizes: AttentionSizes): PassCost[] {
  const { G, N, E } = sizes;
  const dOut = stored(sizes, G * N * E);
  const [lse, delta] = [G * N, G * N];
  return [
    rowProductPass("dout · out", G * N, E, [dOut, G * N * E]),
    modePass(sizes, "dq", [dOut, lse, delta]),
    modePass(sizes, "dk", [dOut, lse, delta]),
    modePass(sizes, "dv", [dOut, lse]),
  ];
}

/** Tiles of the others that all tiles of rows meet. */
function tilesMet(N: number, causal: boolean): number {
  const rows = Math.ceil(N / TILE);
  return causal ? (rows * (rows + 1)) / 2 : rows * rows;
}

function modePass(
  sizes: AttentionSizes,
  mode: AttentionMode,
  others: readonly number[],
  moreWrites: readonly number[] = [],
): PassCost {
  const { G, N, D, E, causal } = sizes;
  const { width, needsU } = attentionMode(mode, D, E);
  const columnTiles = Math.ceil(width / tileOf(width));
  const BN = tileOf(width);
  const met = G * columnTiles * tilesMet(N, causal);
  const padded = (size: number) => SLICE * Math.ceil(size / SLICE);
  const scores = TILE * TILE * (padded(D) + (needsU ? padded(E) : 0));
  const values = TILE * TILE * BN;
  const rescaled = mode === "out" ? TILE * BN : 0; // what was summed before
  const workgroups = Math.ceil(N / TILE) * columnTiles * G;
  const [ofD, ofE] = [stored(sizes, G * N * D), stored(sizes, G * N * E)];
  return pass(mode === "out" ? "attention" : `attention for ${mode}`, {
    reads: [ofD, ofD, ...(mode === "out" || needsU ? [ofE] : []), ...others],
    writes: [stored(sizes, G * N * width), ...moreWrites],
    workgroups,
    multiplyAdds: met * (scores + values + rescaled) + workgroups * rescaled,
    exponentials: met * (TILE * TILE + (mode === "out" ? 4 * THREADS : 0)),
  });
}
