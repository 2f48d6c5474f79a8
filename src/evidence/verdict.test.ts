import { describe, expect, test } from "vitest";
import { nonInferiority } from "#stats/non-inferiority";
import { judgeScore, judgeTime } from "./verdict.ts";

const thresholds = { noise: 0.02, alpha: 0.05 };
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
  ] as const)("[%d, %d] is %s where the interval decides alone", (low, high, word) => {
    expect(judgeTime(ratio(low, high), thresholds).word).toBe(word);
  });

  test("speeding up by as much as slowing down is judged alike", () => {
    for (const [low, high] of [
      [1.03, 1.2],
      [0.95, 1.06],
      [1.01, 1.06],
    ] as const) {
      const mirrored = { faster: "slower", slower: "faster", same: "same", ambiguous: "ambiguous" } as const;
      const inverse = judgeTime(ratio(1 / high, 1 / low), thresholds).word;
      expect(inverse).toBe(mirrored[judgeTime(ratio(low, high), thresholds).word]);
    }
  });

  test("where the test can speak, both it and the noise threshold are needed", () => {
    expect(judgeTime(ratio(1.03, 1.2), thresholds, 0.01).word).toBe("slower");
    expect(judgeTime(ratio(1.03, 1.2), thresholds, 0.2).word).toBe("ambiguous");
    expect(judgeTime(ratio(1.001, 1.01), thresholds, 0.001).word).toBe("same");
  });

  test("a higher noise threshold turns a small difference into none", () => {
    expect(judgeTime(ratio(1.03, 1.06), thresholds).word).toBe("slower");
    expect(judgeTime(ratio(1.03, 1.06), { noise: 0.1, alpha: 0.05 }).word).toBe("same");
  });

  test("`same` says which change is excluded; no interval, no verdict", () => {
    expect(judgeTime(ratio(0.99, 1.03), thresholds).reason).toBe("a change beyond 3.0 % is excluded");
    const single = { estimate: 2, confidence: 0.95, n: 1, method: "one sample" };
    expect(judgeTime(single, thresholds)).toEqual({
      word: "ambiguous",
      reason: "one process on a side shows no difference between processes",
    });
  });
});

describe("scores", () => {
  const reference = [0.9, 0.91, 0.89, 0.9, 0.92, 0.9, 0.91];
  const shifted = (by: number): number[] => reference.map((score, seed) => score + by + 0.001 * (seed % 2));
  const judged = (by: number, seeds = 7, margin = 0.005) =>
    judgeScore(
      nonInferiority(shifted(by).slice(0, seeds), reference.slice(0, seeds), { margin, higherIsBetter: true }),
    );

  test("a loss inside the margin is not worse, one beyond it is worse, one across it is open", () => {
    expect([judged(-0.001), judged(-0.01), judged(-0.0055)]).toEqual(["not worse", "worse", "open"]);
  });

  test("fewer seeds than a claim needs decide nothing, unless the question asks for fewer", () => {
    expect(judged(-0.1, 3)).toBe("open");
    const few = nonInferiority([0.2, 0.21], [0.9, 0.9], { margin: 0.005, higherIsBetter: true });
    expect(judgeScore(few, { leastSeeds: 2 })).toBe("worse");
    const single = nonInferiority([0.2], [0.9], { margin: 0.005, higherIsBetter: true });
    expect(judgeScore(single, { leastSeeds: 1 })).toBe("open");
  });
});
