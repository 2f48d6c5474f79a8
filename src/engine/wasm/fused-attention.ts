// Softmax attention on our kernels, tile by tile. Threads take queries of a head, and on the way back blocks of keys and queries.

import { ShapeError } from "#base/errors";
import type { AttentionInputs, FusedKernels } from "../kernels.ts";
import type * as tf from "../tf.ts";
import { rowAddresses } from "./fused-additive.ts";
import type { HeadSizes, Heap } from "./heap.ts";

/** Queries and keys of a tile in assembly/attention.ts: parts of a head begin at a multiple. */
const TILE = 64;
/** Fewer queries than these do not pay for packing all keys. */
const LEAST_QUERIES = 256;
/** Parts of a call for each thread: one that is held up by other programs leaves its share to the others. */
const PARTS_PER_THREAD = 4;
/** Blocks of a head's keys on the way back, and the least length of one. */
const MOST_BLOCKS = 8;
const LEAST_BLOCK = 256;

type Range = readonly [from: number, to: number];

/** 0 … N in `parts` ranges of whole tiles, or as many as there are. */
function rangesOf(N: number, parts: number): Range[] {
  const length = TILE * Math.ceil(N / parts / TILE);
  return Array.from({ length: Math.ceil(N / length) }, (_, i) => [i * length, Math.min(N, (i + 1) * length)]);
}

/**
 * Pairs of a block of keys and a block of queries, in phases. No two pairs of a phase share keys or queries, so that they may be
 * computed at once; sums over keys and over queries are added in the order of the phases, whatever the number of threads.
 */
function phasesOf(N: number, causal: boolean): (readonly [keys: Range, queries: Range])[][] {
  const blocks = rangesOf(N, Math.max(1, Math.min(MOST_BLOCKS, Math.floor(N / LEAST_BLOCK))));
  return blocks.map((_, phase) =>
    blocks.flatMap((keys, i) => {
      const at = (i + phase) % blocks.length;
      return causal && at < i ? [] : [[keys, blocks[at]!] as const];
    }),
  );
}

/** Multiplications and additions of one product of all queries with all keys. */
const productOperations = ({ G, N, D }: HeadSizes, causal: boolean) => 2 * G * N * N * D * (causal ? 0.5 : 1);

export function attention(heap: Heap): NonNullable<FusedKernels["attention"]> {
  const where = "softmax (fused)";
  const prepare = ({ q, k, v, visible, scale, causal }: AttentionInputs) => {
    const sizes = heap.sizes({ q, k, v }, where);
    const { G, N, D, E } = sizes;
    if (visible !== undefined && (visible.shape[0] !== G || visible.shape[1] !== N))
      throw new ShapeError(where, "visible", `[${G}, ${N}]`, visible.shape);
    const space = heap.space(heap.module["attentionScratchBytes"]!(N, D, E));
    return { ...sizes, options: [N, D, E, scale, +causal], space, operations: productOperations(sizes, causal) };
  };
  return {
    forward(inputs) {
      const { G, N, E, options, space, operations } = prepare(inputs);
      const { q, k, v, visible } = inputs;
      const out = heap.tensor([G, N, E]);
      const rowLse = heap.tensor<tf.Tensor2D>([G, N]);
      const row = rowAddresses(heap, where, { q, k, v, visible, out, rowLse });
      const { threads } = heap;
      const wanted = threads === undefined ? 1 : Math.ceil((PARTS_PER_THREAD * threads.count) / G);
      const ranges = rangesOf(N, Math.max(1, Math.min(wanted, Math.floor(N / LEAST_QUERIES))));
      const calls = (part: number) => {
        const [from, to] = ranges[part % ranges.length]!;
        return [[...row(Math.floor(part / ranges.length)), ...options, from, to]];
      };
      heap.run({
        kernel: "attentionForward",
        count: G * ranges.length,
        calls,
        space,
        operations: 2 * operations,
      });
      return { out, rowLse };
    },
    backward(inputs, { out: dOut }) {
      const { G, N, D, E, options, space, operations } = prepare(inputs);
      const { q, k, v, visible, out, rowLse } = inputs;
      const [dq, dk, dv] = [heap.tensor([G, N, D]), heap.tensor([G, N, D]), heap.tensor([G, N, E])];
      const row = rowAddresses(heap, where, { q, k, v, visible, out, rowLse, dOut, dq, dk, dv });
      const phases = phasesOf(N, inputs.causal);
      const call = (g: number, [keys, queries]: readonly [Range, Range]) => [
        ...row(g),
        ...options,
        ...keys,
        ...queries,
      ];
      const whole = { kernel: "attentionBackward", space, operations: 5 * operations };
      if (G >= PARTS_PER_THREAD * (heap.threads?.count ?? 0)) {
        heap.run({ ...whole, count: G, calls: (g) => phases.flat().map((pair) => call(g, pair)) });
      } else {
        for (const pairs of phases)
          heap.run({
            ...whole,
            count: G * pairs.length,
            calls: (part) => [call(Math.floor(part / pairs.length), pairs[part % pairs.length]!)],
            operations: whole.operations / phases.length,
          });
      }
      return { q: dq, k: dk, v: dv };
    },
  };
}
