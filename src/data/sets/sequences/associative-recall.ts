// Multi-query associative recall: a sequence shows pairs of a key and a value, and asks for the values of its keys.
// Token 0 is blank; the lower half of the vocabulary are keys, the upper half values.

import type { Random } from "#base/random";
import { distinct, type SequenceRow, type SequenceTask } from "./sequence.ts";

export interface RecallOptions {
  readonly id: string;
  readonly title: string;
  readonly grid: readonly number[];
  /** number of pairs of a sequence: sequence n has the (n mod length)-th; four times as many cells are needed */
  readonly pairs: readonly number[];
  readonly vocabulary: number;
  /** what fills the other cells: nothing, or tokens that are no key of the sequence */
  readonly filler: "blank" | "random";
}

const SOURCE = "Arora et al.: Zoology, arXiv 2312.04927";
/** Exponent of the power law of the gaps. @source Zoology's `power_a` */
const POWER = 0.01;
const BLANK = 0;

/**
 * Pairs first, then the questions, at gaps that follow a power law: short ones are frequent, as in text.
 *
 *   k₁ v₁ k₂ v₂ … · k₂ · · k₁ ·        asked at k₂: v₂, at k₁: v₁
 *
 * Differs from Zoology's in one thing: fillers never repeat a key, so that each key stands exactly once before its question.
 *
 * @source Arora et al., arXiv 2312.04927, appendix E: question i at token 2·pairs + 2·gap, P(gap = g) ∝ (g + 1)^(power − 1), gaps without repeats
 */
export function causalRecall(options: RecallOptions): SequenceTask {
  const { vocabulary, pairs, grid } = options;
  check(options);
  const tokens = grid[0]!;
  return {
    ...options,
    source: SOURCE,
    answers: vocabulary / 2,
    isCausal: true,
    write(row, random, number) {
      const count = pairs[number % pairs.length]!;
      const { keys, values } = drawPairs(random, count, vocabulary);
      keys.forEach((key, i) => {
        row.inputs[2 * i] = key;
        row.inputs[2 * i + 1] = values[i]!;
      });
      const gaps = powerLawGaps(random, count, (tokens - 2 * count) >> 1);
      gaps.forEach((gap, i) => {
        const at = 2 * count + 2 * gap;
        row.inputs[at] = keys[i]!;
        row.targets[at] = values[i]!;
        row.distances[at] = at - (2 * i + 1);
      });
      if (options.filler === "random") {
        const own = new Set(keys);
        for (let cell = 2 * count; cell < tokens; cell++) {
          if (row.inputs[cell] === BLANK)
            row.inputs[cell] = tokenOutside(own, random, { first: 1, last: vocabulary - 1 });
        }
      }
      return count;
    },
  };
}

/**
 * Pairs and questions anywhere: a value stands to the right of its key, in the same row, and a question may come before
 * its pair. Values stand nowhere but beside their keys; fillers are blank or keys without a value.
 *
 *   · k₂ · · k₁ v₁ k₁ · k₂ v₂ ·          two-dimensional: the same over the rows of a grid
 */
export function scatteredRecall(options: RecallOptions): SequenceTask {
  const { vocabulary, pairs, grid } = options;
  check(options);
  const columns = grid.at(-1)!;
  const cells = grid.reduce((product, extent) => product * extent, 1);
  return {
    ...options,
    source: `${SOURCE}, with pairs and questions scattered`,
    answers: vocabulary / 2,
    isCausal: false,
    write(row, random, number) {
      const count = pairs[number % pairs.length]!;
      const { keys, values } = drawPairs(random, count, vocabulary);
      const { starts, free } = placePairs(random, count, { cells, columns });
      keys.forEach((key, i) => {
        const start = starts[i]!;
        row.inputs[start] = key;
        row.inputs[start + 1] = values[i]!;
        const question = free[i]!;
        row.inputs[question] = key;
        row.targets[question] = values[i]!;
        row.distances[question] = distanceBetween(question, start + 1, columns);
      });
      if (options.filler === "random")
        fillWithKeys(row, random, { own: new Set(keys), vocabulary, cells: free.slice(count) });
      return count;
    },
  };
}

/** Cells apart along the rows plus along the columns. */
function distanceBetween(a: number, b: number, columns: number): number {
  return Math.abs(Math.floor(a / columns) - Math.floor(b / columns)) + Math.abs((a % columns) - (b % columns));
}

function check({ id, grid, pairs, vocabulary }: RecallOptions): void {
  const cells = grid.reduce((product, extent) => product * extent, 1);
  const most = Math.max(...pairs);
  if (vocabulary % 2 !== 0 || most > vocabulary / 2 - 1 || 4 * most > cells || grid.at(-1)! < 2) {
    throw new RangeError(
      `${id}: ${most} pairs need ${4 * most} cells and an even vocabulary above ${2 * most + 1}; there are ${grid.join("×")} cells and ${vocabulary} tokens`,
    );
  }
}

function drawPairs(
  random: Random,
  count: number,
  vocabulary: number,
): { readonly keys: number[]; readonly values: number[] } {
  const half = vocabulary / 2;
  return {
    keys: distinct(random, count, { first: 1, last: half - 1 }),
    values: distinct(random, count, { first: half, last: vocabulary - 1 }),
  };
}

/**
 * `count` different gaps below `space`, drawn one after the other with weights (g + 1)^(power − 1).
 *
 * @source one exponential race, the `count` first arrivals: Efraimidis and Spirakis 2006
 */
function powerLawGaps(random: Random, count: number, space: number): number[] {
  const arrivals = Array.from({ length: space }, (_, gap) => ({
    gap,
    time: -Math.log(1 - random.uniform()) / (gap + 1) ** (POWER - 1),
  }));
  return arrivals
    .sort((a, b) => a.time - b.time)
    .slice(0, count)
    .map(({ gap }) => gap);
}

/** Left cells of pairs that do not overlap, and the cells left over, both in random order. */
function placePairs(
  random: Random,
  count: number,
  { cells, columns }: { readonly cells: number; readonly columns: number },
) {
  for (;;) {
    const taken = new Uint8Array(cells);
    const order = random.shuffle(Array.from({ length: cells }, (_, cell) => cell));
    const starts: number[] = [];
    for (const cell of order) {
      if (starts.length === count) break;
      if (cell % columns === columns - 1 || taken[cell] === 1 || taken[cell + 1] === 1) continue;
      taken.fill(1, cell, cell + 2);
      starts.push(cell);
    }
    if (starts.length < count) continue; // packed too loosely: rare, since the pairs take half of the cells at most
    return { starts, free: random.shuffle(order.filter((cell) => taken[cell] === 0)) };
  }
}

interface Filling {
  readonly own: ReadonlySet<number>;
  readonly vocabulary: number;
  readonly cells: readonly number[];
}

function fillWithKeys({ inputs }: SequenceRow, random: Random, { own, vocabulary, cells }: Filling): void {
  for (const cell of cells) inputs[cell] = tokenOutside(own, random, { first: 0, last: vocabulary / 2 - 1 });
}

function tokenOutside(
  own: ReadonlySet<number>,
  random: Random,
  { first, last }: { readonly first: number; readonly last: number },
): number {
  for (;;) {
    const token = first + random.integer(last - first + 1);
    if (!own.has(token)) return token;
  }
}
