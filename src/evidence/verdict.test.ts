import { describe, expect, test } from "vitest";
import { decide, type AdjustedTest } from "./verdict.ts";

const thresholds = { noise: 0.02, alpha: 0.05 };
const silent: AdjustedTest = {
  u: 0,
  pValue: 0.1,
  adjustedPValue: 1,
  smallestPValue: 0.1,
  canSpeak: false,
  method: "exact",
  unit: "process",
};
const speaking = (adjustedPValue: number): AdjustedTest => ({
  ...silent,
  smallestPValue: 1e-4,
  canSpeak: true,
  adjustedPValue,
});
const ratio = (low: number, high: number, estimate = Math.sqrt(low * high)) => ({
  estimate,
  low,
  high,
  confidence: 0.95,
  n: 3,
  method: "by hand",
});

describe("the rule", () => {
  test.each([
    [1.03, 1.2, "slower"],
    [0.8, 0.97, "faster"],
    [0.995, 1.01, "same"],
    [0.95, 1.05, "same"], // estimate about 1, within three bands
    [0.9, 1.1, "ambiguous"], // too wide to say anything
    [1.01, 1.06, "ambiguous"], // excludes 1 but reaches into the band
    [1.01, 1.025, "same"], // a real difference too small to count
  ] as const)("[%d, %d] is %s when the test cannot speak", (low, high, word) => {
    expect(decide(ratio(low, high), silent, thresholds).word).toBe(word);
  });

  test("speeding up by as much as slowing down is judged alike", () => {
    for (const [low, high] of [
      [1.03, 1.2],
      [0.95, 1.06],
      [1.01, 1.06],
    ] as const) {
      const mirrored = { faster: "slower", slower: "faster", same: "same", ambiguous: "ambiguous" } as const;
      const inverse = decide(ratio(1 / high, 1 / low), silent, thresholds).word;
      expect(inverse).toBe(mirrored[decide(ratio(low, high), silent, thresholds).word]);
    }
  });

  test("where the test can speak, both it and the noise threshold are needed", () => {
    expect(decide(ratio(1.03, 1.2), speaking(0.01), thresholds).word).toBe("slower");
    expect(decide(ratio(1.03, 1.2), speaking(0.2), thresholds).word).toBe("ambiguous");
    expect(decide(ratio(1.001, 1.01), speaking(0.001), thresholds).word).toBe("same");
  });

  test("a higher noise threshold turns a small difference into none", () => {
    expect(decide(ratio(1.03, 1.06), silent, thresholds).word).toBe("slower");
    expect(decide(ratio(1.03, 1.06), silent, { noise: 0.1, alpha: 0.05 }).word).toBe("same");
  });

  test("`same` says which change is excluded; no interval, no verdict", () => {
    expect(decide(ratio(0.99, 1.03), silent, thresholds).reason).toBe("a change beyond 3.0 % is excluded");
    const single = { estimate: 2, confidence: 0.95, n: 1, method: "one sample" };
    expect(decide(single, silent, thresholds)).toEqual({
      word: "ambiguous",
      reason: "one sample a side has no interval",
    });
  });
});
