// A model of what a program costs, held against what is counted (./count.ts). A call is a list of passes over memory: each program
// reads and writes the buffers that it is bound to, and no two of them run at once.

import type { Bytes } from "#base/units";
import { ROW_OF_GROUPS, THREADS } from "../arrays.ts";
import type { Parts } from "../shares.ts";
import { SLICE, tileOf } from "../wgsl/product.ts";

/** One program. */
export interface PassCost {
  readonly name: string;
  /** whether it is one of tfjs's, whose arithmetic and workgroups nobody counts */
  readonly foreign: boolean;
  /** of global memory: every buffer once and whole, and of slices the part */
  readonly readBytes: Bytes;
  readonly writtenBytes: Bytes;
  /** 0 of foreign ones */
  readonly workgroups: number;
  /** instructions `x += a·b`, `x *= a` and of inner products, with those on the padding of tiles; what costs less than a byte's traffic is left out */
  readonly multiplyAdds: number;
  readonly exponentials: number;
}

/** Sizes of an operator's tensors. */
export interface Sizes {
  /** batches × heads */
  readonly G: number;
  readonly N: number;
  readonly D: number;
  readonly E: number;
  /** inputs, output and their gradients are stored as float16 */
  readonly halves: boolean;
}

/** How a device divides work: what LIGHTNET_BENCH_SEGMENT and the device's limits decide. */
export interface Division {
  /** shortest segment of a scan */
  readonly leastTokens: number;
  /** of a workgroup */
  readonly sharedBytes: Bytes;
}

const WORD_BYTES = 4;

export interface PassParts {
  /** words of 4 bytes, a buffer each */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly workgroups: number;
  readonly multiplyAdds?: number;
  readonly exponentials?: number;
}

/** A program of ours. */
export function pass(
  name: string,
  { reads, writes, multiplyAdds = 0, exponentials = 0, workgroups }: PassParts,
): PassCost {
  return {
    name,
    foreign: false,
    readBytes: WORD_BYTES * total(reads),
    writtenBytes: WORD_BYTES * total(writes),
    workgroups,
    multiplyAdds,
    exponentials,
  };
}

/** A program of tfjs. */
export function foreign(name: string, reads: readonly number[], write: number, multiplyAdds = 0): PassCost {
  return { ...pass(name, { reads, writes: [write], workgroups: 0, multiplyAdds }), foreign: true };
}

/** Steps between small tensors of tfjs, each of some operands and one result of `size` words. */
export function small(name: string, size: number, operands = 2): PassCost {
  return foreign(
    name,
    Array.from({ length: operands }, () => size),
    size,
  );
}

export function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Words of a tensor that may be stored as float16. */
export function stored({ halves }: Pick<Sizes, "halves">, numbers: number): number {
  return halves ? numbers / 2 : numbers;
}

/** Workgroups with one thread an element. */
export function groupsFor(size: number): number {
  const groups = Math.ceil(size / THREADS);
  return Math.min(groups, ROW_OF_GROUPS) * Math.ceil(groups / ROW_OF_GROUPS);
}

/** A thread a word of the result. */
export function elementwisePass(name: string, reads: readonly number[], write: number, exponentials = 0): PassCost {
  return pass(name, { reads, writes: [write], workgroups: groupsFor(write), exponentials });
}

/** Results whose axis has no more terms are summed by a thread each, others by tfjs. */
const SHORT_SUM = 64;

/** Sums of `length` neighbours, or of `length` parts: [size, length] → [size]. @param innermost whether the terms are neighbours in memory: tfjs turns the others round first */
export function sumPasses(size: number, length: number, innermost: boolean): PassCost[] {
  if (length <= SHORT_SUM) return [elementwisePass("sum", [size * length], size)];
  const turned = innermost ? [] : [foreign("transpose", [size * length], size * length)];
  return [...turned, foreign("sum", [size * length], size)];
}

export interface ProductCost {
  readonly name: string;
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly reads: readonly number[];
  /** default the product as float32 */
  readonly writes?: readonly number[];
  /** of the inner axis */
  readonly division: Parts;
  /** of an element of A, each time it is read, and of a result */
  readonly exponentials?: { readonly ofA: number; readonly ofResult: number };
}

/** Workgroups that a product has without divided inner axis. */
export function tilesOf(
  rows: number,
  columns: number,
): { readonly rows: number; readonly columns: number; readonly all: number } {
  const [ofRows, ofColumns] = [Math.ceil(rows / tileOf(rows)), Math.ceil(columns / tileOf(columns))];
  return { rows: ofRows, columns: ofColumns, all: ofRows * ofColumns };
}

/** C = A B of every batch, in tiles: padded to whole ones, and to slices of the inner axis; parts are summed afterwards. */
export function productPasses(call: ProductCost): PassCost[] {
  const { name, batch, rows, columns, inner, reads, division, exponentials = { ofA: 0, ofResult: 0 } } = call;
  const { parts } = division;
  const tiles = tilesOf(rows, columns);
  const result = batch * rows * columns;
  const main = pass(name, {
    reads,
    writes: call.writes ?? [parts * result],
    workgroups: batch * tiles.all * parts,
    multiplyAdds: batch * tiles.all * tileOf(rows) * tileOf(columns) * SLICE * Math.ceil(inner / SLICE),
    exponentials: exponentials.ofA * batch * rows * inner * tiles.columns + exponentials.ofResult * result,
  });
  return [main, ...(parts === 1 ? [] : sumPasses(result, parts, false))];
}

/** Σ_w a_w b_w of each of `rows` rows. @param words of both operands */
export function rowProductPass(name: string, rows: number, width: number, words: readonly number[]): PassCost {
  return pass(name, {
    reads: words,
    writes: [rows],
    workgroups: groupsFor(16 * rows),
    multiplyAdds: rows * 4 * Math.ceil(width / 4),
  });
}

/** 1 / weight, 0 where no token was seen, by tfjs: [G, D]. */
export function inverseWeightPasses(size: number): PassCost[] {
  return [
    foreign("equal", [size, 1], size),
    foreign("1 − empty", [1, size], size),
    small("weight + empty", size),
    small("divide", size),
  ];
}
