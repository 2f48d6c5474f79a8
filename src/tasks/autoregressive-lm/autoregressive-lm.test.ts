import { describe, expect, test } from "vitest";
import { DataError } from "#base/errors";
import { NextTokenScores, positionGroup, textScores, unigramNats } from "./metrics.ts";
import { checkLongEnough, scoredTokens, scoringPlan, scoringWindows, trainingWindows } from "./windows.ts";

const counting = (length: number) => Int32Array.from({ length }, (_, i) => i);

describe("training windows", () => {
  test("each target is the token after its input; places depend on seed and position alone", () => {
    const ids = counting(100);
    const batch = trainingWindows(ids, 8, { seed: 3, position: 0, count: 5 });
    expect([...batch.targets]).toEqual([...batch.inputs].map((id) => id + 1));
    const later = trainingWindows(ids, 8, { seed: 3, position: 2, count: 3 });
    expect([...later.inputs]).toEqual([...batch.inputs.slice(16)]);
    expect([...trainingWindows(ids, 8, { seed: 4, position: 0, count: 5 }).inputs]).not.toEqual([...batch.inputs]);
  });

  test("every place is drawn, the last one included", () => {
    const { inputs, targets } = trainingWindows(counting(5), 3, { seed: 1, position: 0, count: 60 });
    expect(new Set(inputs.filter((_, i) => i % 3 === 0))).toEqual(new Set([0, 1]));
    expect(Math.max(...targets)).toBe(4);
  });

  test("a text of one window needs the token after it", () => {
    expect(() => checkLongEnough("t", counting(8), 8)).toThrow(DataError);
    checkLongEnough("t", counting(9), 8);
  });
});

describe("scored windows", () => {
  test.each([
    { length: 13, context: 4, stride: 4, windows: 3 },
    { length: 14, context: 4, stride: 4, windows: 4 },
    { length: 14, context: 4, stride: 1, windows: 10 },
    { length: 14, context: 4, stride: 3, windows: 4 },
    { length: 5, context: 4, stride: 2, windows: 1 },
    { length: 3, context: 4, stride: 4, windows: 1 },
  ])(
    "$length tokens in windows of $context by $stride: every token but the first is scored once, after what precedes it",
    ({ length, context, stride, windows }) => {
      const ids = counting(length);
      const plan = scoringPlan(length, { context, stride });
      expect(plan.windows).toBe(windows);
      const { inputs, targets } = scoringWindows(ids, plan, { first: 0, count: windows });
      expect([...targets].filter((id) => id >= 0)).toEqual([...ids.slice(1)]);
      targets.forEach((target, at) => {
        if (target < 0) return;
        expect(inputs[at]).toBe(target - 1);
        const seen = at % context; // tokens before the input within its window
        expect(seen).toBeGreaterThanOrEqual(at < context ? 0 : context - stride);
      });
      expect(scoredTokens(length, plan)).toBe(length - 1);
    },
  );

  test("a limit scores the beginning, and windows of a batch are those of the whole", () => {
    const ids = counting(40);
    const plan = scoringPlan(40, { context: 6, stride: 4, limit: 3 });
    expect(plan.windows).toBe(3);
    const whole = scoringWindows(ids, plan, { first: 0, count: 3 });
    expect([...whole.targets].filter((id) => id >= 0)).toHaveLength(scoredTokens(40, plan));
    expect([...scoringWindows(ids, plan, { first: 2, count: 1 }).targets]).toEqual([...whole.targets.slice(12)]);
  });
});

describe("scores", () => {
  test("nats in other units", () => {
    const scores = textScores(20 * Math.LN2, {
      tokens: 10,
      characters: 5,
      bytes: 8,
      words: 4,
      entropyNatsPerCharacter: 2,
    });
    expect(scores["loss"]).toBeCloseTo(2 * Math.LN2, 12);
    expect(scores["perplexity"]).toBeCloseTo(4, 12);
    expect(scores["bitsPerCharacter"]).toBeCloseTo(4, 12);
    expect(scores["bitsPerByte"]).toBeCloseTo(2.5, 12);
    expect(scores["wordPerplexity"]).toBeCloseTo(32, 10);
    expect(scores["natsAboveOptimum"]).toBeCloseTo(4 * Math.LN2 - 2, 12);
    expect(Object.keys(textScores(1, { tokens: 1 }))).toEqual(["loss", "perplexity"]);
  });

  test("means over tokens, by window and by position", () => {
    const scores = new NextTokenScores(20);
    const targets = new Int32Array(40).fill(-1);
    const nats = new Float32Array(40).fill(99);
    targets.fill(1, 0, 20); // the first window whole
    targets.fill(1, 36, 40); // the second from position 16
    nats.fill(3, 0, 16).fill(1, 16, 20).fill(2, 36, 40);
    scores.add(nats, targets);
    expect(scores.windows).toEqual([2.6, 2]);
    expect(scores.totals({})).toMatchObject({ loss: 2.5, "loss.tokens0-15": 3, "loss.tokens16-19": 1.5 });
    expect([0, 15, 16, 63, 64, 255, 256].map((position) => positionGroup(position).from)).toEqual([
      0, 0, 16, 16, 64, 64, 256,
    ]);
  });

  test("the unigram predictor by hand, with one count more for every token", () => {
    // counts 3, 1, 0 of 4, plus one each: 4/7, 2/7, 1/7
    const nats = unigramNats(Int32Array.of(0, 0, 0, 1), Int32Array.of(0, 1, 2), 3);
    expect(nats).toBeCloseTo(-Math.log((4 * 2 * 1) / 343), 12);
  });
});
