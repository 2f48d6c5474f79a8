import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import type { SequenceDataset } from "../dataset.ts";
import { causalRecall, scatteredRecall } from "./associative-recall.ts";
import { inductionHead, selectiveCopy } from "./copying.ts";
import { sequenceDatasets } from "./datasets.ts";
import { scramble, sequenceDataset, type SequenceTask } from "./sequence.ts";

const byId = (id: string) => sequenceDatasets.find((one) => one.id === id)!;
const SMALL = sequenceDatasets.filter(({ tokens }) => tokens <= 64);

interface Sequence {
  readonly inputs: readonly number[];
  readonly targets: readonly number[];
  readonly distances: readonly number[];
  readonly items: number;
}

function sequenceOf(
  { tokens, ...dataset }: SequenceDataset,
  number: number,
  split: "train" | "test" = "train",
): Sequence {
  const { inputs, targets, distances, items } = dataset.draw(split, number, 1);
  expect(inputs).toHaveLength(tokens);
  return { inputs: [...inputs], targets: [...targets], distances: [...distances], items: items[0]! };
}

/** Writes one sequence from given random numbers. */
function written({ grid, write }: SequenceTask, seed: number): Sequence {
  const tokens = grid.reduce((product, extent) => product * extent, 1);
  const row = {
    inputs: new Int32Array(tokens),
    targets: new Int32Array(tokens).fill(-1),
    distances: new Int32Array(tokens),
  };
  const items = write(row, new Random(seed), 0);
  return { inputs: [...row.inputs], targets: [...row.targets], distances: [...row.distances], items };
}

const questionsOf = ({ targets }: Sequence): number[] => targets.flatMap((target, cell) => (target >= 0 ? [cell] : []));
const number = fc.integer({ min: 0, max: 1e9 });

describe.each(SMALL.map((dataset) => [dataset.id, dataset] as const))("%s", (_id, dataset) => {
  test("is the same however it is drawn, and another in every split", () => {
    const whole = dataset.draw("train", 5, 6);
    const parts = [0, 1, 2, 3, 4, 5].map((i) => dataset.draw("train", 5 + i, 1));
    for (const field of ["inputs", "targets", "distances", "items"] as const)
      expect(parts.flatMap((part) => [...part[field]])).toEqual([...whole[field]]);
    expect([...dataset.draw("validation", 5, 6).inputs]).not.toEqual([...whole.inputs]);
    expect([...dataset.draw("test", 5, 6).inputs]).not.toEqual([...whole.inputs]);
  });

  test("tokens and targets lie in the vocabulary, distances stand where something is asked", () => {
    fc.assert(
      fc.property(number, (at) => {
        const { inputs, targets, distances } = sequenceOf(dataset, at);
        expect(inputs.every((token) => token >= 0 && token < dataset.vocabulary)).toBe(true);
        expect(targets.every((target) => target >= -1 && target < dataset.vocabulary)).toBe(true);
        expect(distances.map((distance) => distance > 0)).toEqual(targets.map((target) => target >= 0));
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  test("every answer is as likely as every other: the best constant guess is right with probability 1/answers", () => {
    const { targets } = dataset.draw("train", 0, 6000);
    const counts = new Map<number, number>();
    let asked = 0;
    for (const target of targets) {
      if (target < 0) continue;
      counts.set(target, (counts.get(target) ?? 0) + 1);
      asked++;
    }
    const answers = 1 / dataset.chance;
    expect(counts.size).toBe(answers);
    const expected = asked / answers;
    const statistic = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // χ² has mean `answers − 1` and variance twice that; five deviations
    expect(statistic).toBeLessThan(answers - 1 + 5 * Math.sqrt(2 * (answers - 1)));
  });
});

describe("no two sequences share their random numbers", () => {
  test("seeds are given one to one", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => a === b || scramble(a) !== scramble(b)),
      { seed: 2 },
    );
    expect(new Set(Array.from({ length: 100_000 }, (_, i) => scramble(i))).size).toBe(100_000);
  });

  test("no test sequence is among the training sequences", () => {
    const dataset = byId("mqar-64");
    const texts = (split: "train" | "validation" | "test") => {
      const { inputs } = dataset.draw(split, 0, 2000);
      return Array.from({ length: 2000 }, (_, i) => inputs.subarray(i * 64, (i + 1) * 64).join());
    };
    expect(new Set([...texts("train"), ...texts("validation"), ...texts("test")]).size).toBe(6000);
  });

  test("numbers beyond the seeds are refused", () => {
    expect(() => byId("mqar-64").draw("train", 2 ** 31, 1)).toThrow(RangeError);
    expect(() => byId("mqar-64").draw("train", -1, 1)).toThrow(RangeError);
  });
});

describe("causal recall", () => {
  test.each(["mqar-16", "mqar-64"])(
    "%s: pairs come first, each key stands once before its question, the target is its value",
    (id) => {
      fc.assert(
        fc.property(number, (at) => {
          const sequence = sequenceOf(byId(id), at);
          const { inputs, targets, distances, items } = sequence;
          const questions = questionsOf(sequence);
          expect(questions).toHaveLength(items);
          expect(Math.min(...questions)).toBeGreaterThanOrEqual(2 * items);
          for (const question of questions) {
            const earlier = inputs.flatMap((token, cell) =>
              cell < question && token === inputs[question] ? [cell] : [],
            );
            expect(earlier).toHaveLength(1);
            expect(earlier[0]! % 2).toBe(0);
            expect(earlier[0]).toBeLessThan(2 * items);
            expect(targets[question]).toBe(inputs[earlier[0]! + 1]);
            expect(distances[question]).toBe(question - earlier[0]! - 1);
          }
        }),
        { numRuns: 60, seed: 3 },
      );
    },
  );

  test("a sequence by hand: two pairs, two questions, blanks elsewhere", () => {
    const task = causalRecall({ id: "tiny", title: "tiny", grid: [8], pairs: [2], vocabulary: 8, filler: "blank" });
    const sequence = written(task, 4);
    const [k1, v1, k2, v2] = sequence.inputs;
    expect([k1! < 4, v1! >= 4, k2! < 4, v2! >= 4, k1 === k2, v1 === v2]).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    // two gaps and two questions: both gaps are taken, at tokens 4 and 6
    const first = sequence.inputs[4] === k1;
    expect(sequence.inputs.slice(4)).toEqual(first ? [k1, 0, k2, 0] : [k2, 0, k1, 0]);
    expect(sequence.targets).toEqual([-1, -1, -1, -1, first ? v1 : v2, -1, first ? v2 : v1, -1]);
    expect(sequence.distances).toEqual([0, 0, 0, 0, first ? 3 : 1, 0, first ? 3 : 5, 0]);
  });

  test("gaps follow the power law: gap g comes first with probability ∝ (g + 1)^−0.99", () => {
    const task = sequenceDataset(
      causalRecall({ id: "gaps", title: "gaps", grid: [22], pairs: [1], vocabulary: 8, filler: "blank" }),
    );
    const draws = 20_000;
    const { targets } = task.draw("train", 0, draws);
    const counts = new Array<number>(10).fill(0);
    targets.forEach((target, cell) => void (target >= 0 && counts[((cell % 22) - 2) / 2]!++));
    const weights = counts.map((_, gap) => (gap + 1) ** -0.99);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    counts.forEach((count, gap) => {
      const p = weights[gap]! / total;
      expect(Math.abs(count - draws * p)).toBeLessThan(5 * Math.sqrt(draws * p * (1 - p)));
    });
  });

  test("sequences take their number of pairs in turn", () => {
    expect([...byId("mqar-64").draw("test", 0, 7).items]).toEqual([2, 4, 8, 2, 4, 8, 2]);
  });

  test("keys tell nothing of their values", () => {
    const { inputs } = byId("mqar-16").draw("train", 0, 20_000);
    const counts = new Map<string, number>();
    for (let start = 0; start < inputs.length; start += 16) {
      const pair = `${inputs[start]} ${inputs[start + 1]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    const cells = 7 * 8;
    expect(counts.size).toBe(cells);
    const expected = 20_000 / cells;
    const statistic = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(statistic).toBeLessThan(cells - 1 + 5 * Math.sqrt(2 * (cells - 1)));
  });
});

describe("recall in any order", () => {
  test.each(["mqar-any-16", "mqar-any-64", "mqar-4x4", "mqar-8x8"])(
    "%s: the key stands once elsewhere, in the same row as the value to its right",
    (id) => {
      const dataset = byId(id);
      const columns = dataset.grid.at(-1)!;
      const half = dataset.vocabulary / 2;
      fc.assert(
        fc.property(number, (at) => {
          const sequence = sequenceOf(dataset, at);
          const { inputs, targets, distances, items } = sequence;
          const questions = questionsOf(sequence);
          expect(questions).toHaveLength(items);
          expect(inputs.filter((token) => token >= half)).toHaveLength(items);
          for (const question of questions) {
            const others = inputs.flatMap((token, cell) =>
              cell !== question && token === inputs[question] ? [cell] : [],
            );
            expect(others).toHaveLength(1);
            const value = others[0]! + 1;
            expect(value % columns).not.toBe(0);
            expect(targets[question]).toBe(inputs[value]);
            expect(targets[question]).toBeGreaterThanOrEqual(half);
            const [dy, dx] = [
              Math.floor(question / columns) - Math.floor(value / columns),
              (question % columns) - (value % columns),
            ];
            expect(distances[question]).toBe(Math.abs(dy) + Math.abs(dx));
          }
        }),
        { numRuns: 60, seed: 5 },
      );
    },
  );

  test("questions stand before and after their pairs, evenly", () => {
    const dataset = byId("mqar-any-64");
    let [before, all] = [0, 0];
    for (let at = 0; at < 600; at++) {
      const sequence = sequenceOf(dataset, at);
      for (const question of questionsOf(sequence)) {
        const pair = sequence.inputs.findIndex(
          (token, cell) => cell !== question && token === sequence.inputs[question],
        );
        before += question < pair ? 1 : 0;
        all++;
      }
    }
    expect(before / all).toBeGreaterThan(0.45);
    expect(before / all).toBeLessThan(0.55);
  });

  test("sizes that do not fit are refused", () => {
    const options = { id: "tiny", title: "tiny", pairs: [3], vocabulary: 16, filler: "blank" } as const;
    expect(() => scatteredRecall({ ...options, grid: [3, 3] })).toThrow(/3 pairs need 12 cells/);
    expect(() => causalRecall({ ...options, grid: [12], vocabulary: 6 })).toThrow(RangeError);
  });
});

describe("induction and copying", () => {
  test("the token after the first trigger is asked at the second", () => {
    fc.assert(
      fc.property(number, (at) => {
        const { inputs, targets, distances } = sequenceOf(byId("induction-64"), at);
        const triggers = inputs.flatMap((token, cell) => (token === 0 ? [cell] : []));
        expect(triggers).toHaveLength(2);
        expect(triggers[1]).toBe(63);
        expect(targets.slice(0, 63).every((target) => target === -1)).toBe(true);
        expect(targets[63]).toBe(inputs[triggers[0]! + 1]);
        expect(distances[63]).toBe(62 - triggers[0]!);
      }),
      { numRuns: 60, seed: 6 },
    );
    const { inputs, targets } = written(inductionHead({ id: "tiny", title: "tiny", tokens: 3, vocabulary: 3 }), 1);
    expect(inputs).toEqual([0, inputs[1], 0]);
    expect(targets).toEqual([-1, -1, inputs[1]]);
  });

  test("the tokens among the blanks are asked in their order", () => {
    fc.assert(
      fc.property(number, (at) => {
        const { inputs, targets, distances, items } = sequenceOf(byId("selective-copy-64"), at);
        const contents = inputs.flatMap((token, cell) => (token >= 2 ? [{ token, cell }] : []));
        expect(items).toBe(8);
        expect(inputs.slice(56)).toEqual(new Array(8).fill(1));
        expect(targets.slice(56)).toEqual(contents.map(({ token }) => token));
        expect(distances.slice(56)).toEqual(contents.map(({ cell }, i) => 56 + i - cell));
      }),
      { numRuns: 60, seed: 7 },
    );
    const { inputs } = written(selectiveCopy({ id: "tiny", title: "tiny", tokens: 4, vocabulary: 4, items: 2 }), 1);
    expect(inputs.slice(2)).toEqual([1, 1]);
    expect(inputs.slice(0, 2).every((token) => token >= 2)).toBe(true);
  });
});
