import { describe, expect, test } from "vitest";
import { DataError } from "#base/errors";
import { Random } from "#base/random";
import { UnigramModel } from "../counts.ts";
import { NeighbourModel } from "./baseline.ts";
import { hiddenIn, maskWindow, specialTokens, type MaskedWindow } from "./masking.ts";
import { checkLongEnough, scoredWindows, trainingWindow } from "./windows.ts";

const TOKENS = 50;
const { mask } = specialTokens(TOKENS);
const random = new Random(3);
const ids = Int32Array.from({ length: 5000 }, () => random.integer(TOKENS));
const text = { label: "a text", ids, tokens: TOKENS };
const ALL = { share: 0.25, replacement: "mask" } as const;
const BERT = { share: 0.25, replacement: "80-10-10" } as const;

describe("masks", () => {
  test("hide exactly the share, at distinct ascending places, and ask for what stood there", () => {
    const window = ids.subarray(100, 164);
    const { inputs, positions, targets } = maskWindow(window, ALL, { tokens: TOKENS, random: new Random(1) });
    expect(positions).toHaveLength(16);
    expect(new Set(positions).size).toBe(16);
    expect([...positions]).toEqual([...positions].sort((a, b) => a - b));
    const hidden = new Set(positions);
    inputs.forEach((id, i) => expect(id).toBe(hidden.has(i) ? mask : window[i]));
    expect([...targets]).toEqual(Array.from(positions, (position) => window[position]));
    expect([hiddenIn(128, ALL), hiddenIn(1, ALL)]).toEqual([32, 1]);
  });

  test("fall on every place equally often", () => {
    const counts = new Array<number>(16).fill(0);
    for (let draw = 0; draw < 2000; draw++) {
      for (const position of maskWindow(ids.subarray(0, 16), ALL, { tokens: TOKENS, random: new Random(draw) })
        .positions)
        counts[position]!++;
    }
    // binomial, n = 2000, p = 1/4: five standard deviations are 97
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(97);
  });

  test("80-10-10: shares of [MASK], random and own tokens; replacements are never special", () => {
    let [masked, own, other] = [0, 0, 0];
    for (let i = 0; i < 400; i++) {
      const { inputs, positions, targets } = trainingWindow(text, BERT, { seed: 1, position: i, length: 64 });
      positions.forEach((position, at) => {
        const input = inputs[position]!;
        expect(input <= mask).toBe(true);
        if (input === mask) masked++;
        else if (input === targets[at]) own++;
        else other++;
      });
    }
    const all = 400 * 16; // standard deviation of each share at most 0.5 %
    expect(masked / all).toBeCloseTo(0.8, 1);
    expect(other / all).toBeCloseTo(0.1 * (1 - 1 / TOKENS), 1);
    expect(own / all).toBeCloseTo(0.1 + 0.1 / TOKENS, 1);
  });

  test("are functions of seed and position alone", () => {
    const at = (seed: number, position: number) => trainingWindow(text, ALL, { seed, position, length: 32 });
    expect(at(1, 7)).toEqual(at(1, 7));
    expect(at(1, 8)).not.toEqual(at(1, 7));
    expect(at(2, 7)).not.toEqual(at(1, 7));
  });

  test("of the scored text are the same for every run, side by side, a rest left out, and all [MASK]", () => {
    const windows = scoredWindows(text, 0.25, { length: 64 });
    expect(windows).toHaveLength(78);
    expect(scoredWindows(text, 0.25, { length: 64, limit: 3 })).toEqual(windows.slice(0, 3));
    const { inputs, positions, targets } = windows[77]!;
    const restored = inputs.slice();
    positions.forEach((position, i) => {
      expect(inputs[position]).toBe(mask);
      restored[position] = targets[i]!;
    });
    expect([...restored]).toEqual([...ids.subarray(77 * 64, 78 * 64)]);
  });

  test("a text shorter than a window is refused by name", () => {
    expect(() => checkLongEnough({ ...text, ids: ids.subarray(0, 63) }, 64)).toThrow(DataError);
    expect(() => checkLongEnough({ ...text, ids: ids.subarray(0, 63) }, 64)).toThrow(
      /a text: its text has 63 tokens, fewer than one window of 64/,
    );
  });
});

describe("counting", () => {
  test("unigram: frequencies with one added, by hand", () => {
    const model = new UnigramModel(Int32Array.of(0, 0, 1), 3);
    expect([0, 1, 2].map((token) => model.probability(token))).toEqual([3 / 6, 2 / 6, 1 / 6]);
  });

  const meanNats = (model: NeighbourModel, windows: readonly MaskedWindow[]) => {
    const nats = windows.flatMap((window) => model.nats(window));
    return nats.reduce((sum, value) => sum + value, 0) / nats.length;
  };

  test("of a text that its neighbours determine: nothing to guess but where both are hidden", () => {
    const cycle = Int32Array.from({ length: 4000 }, (_, i) => i % 10);
    const model = new NeighbourModel(cycle, { tokens: 10, share: 0.25 });
    const windows = scoredWindows({ label: "cycle", ids: cycle, tokens: 10 }, 0.25, { length: 40 });
    // both neighbours are hidden in about 1/16 of the cases, and cost ln 10 there
    expect(meanNats(model, windows)).toBeLessThan(0.25);
    expect(
      meanNats(model, scoredWindows({ label: "cycle", ids: cycle, tokens: 10 }, 0.99, { length: 40 })),
    ).toBeGreaterThan(2);
  });

  test("of noise: no better than the unigram predictor, and hardly worse", () => {
    const model = new NeighbourModel(ids.subarray(0, 4000), { tokens: TOKENS, share: 0.25 });
    const windows = scoredWindows({ ...text, ids: ids.subarray(4000) }, 0.25, { length: 50 });
    expect(meanNats(model, windows)).toBeGreaterThan(Math.log(TOKENS) - 0.05);
    expect(meanNats(model, windows)).toBeLessThan(Math.log(TOKENS) + 0.1);
  });

  test("probabilities of a place sum to 1, seen contexts or none, and its own token is not among the contexts", () => {
    const model = new NeighbourModel(ids.subarray(0, 4000), { tokens: TOKENS, share: 0.25 });
    const [window] = scoredWindows({ ...text, ids: ids.subarray(4000) }, 0.25, { length: 50 });
    for (const [i, position] of window!.positions.entries()) {
      const one = (target: number) =>
        model.nats({ inputs: window!.inputs, positions: Int32Array.of(position), targets: Int32Array.of(target) })[0]!;
      const total = Array.from({ length: TOKENS }, (_, target) => Math.exp(-one(target))).reduce(
        (sum, p) => sum + p,
        0,
      );
      expect([i, total]).toEqual([i, expect.closeTo(1, 9)]);
    }
  });
});
