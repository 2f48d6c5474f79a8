import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { studentQuantile } from "./distributions.ts";
import { hierarchicalInterval } from "./hierarchical.ts";
import { geometricMeanOfRatios } from "./mean-ratio.ts";
import { independentRatioInterval, pairedRatioInterval } from "./ratio.ts";
import { SampleError } from "./samples.ts";

/** Times of a simulated run: log-normal differences between processes and between rounds. */
function simulate(
  random: Random,
  { processes = 8, rounds = 10, between = 0.03, within = 0.02, centre = 1 },
): number[][] {
  return Array.from({ length: processes }, () => {
    const shift = between * random.normal();
    return Array.from({ length: rounds }, () => centre * Math.exp(shift + within * random.normal()));
  });
}

describe("hierarchical interval", () => {
  test("the estimate comes from process medians, not from the pool: their median from eight processes, else their mean", () => {
    const three = [[1, 1, 1, 1, 1, 1, 1], [2, 2, 9], [6]];
    expect(hierarchicalInterval(three, { random: new Random(1) }).estimate).toBe(3);
    const nine = [...three, [2], [2], [2], [2], [1, 3], [2]];
    expect(hierarchicalInterval(nine, { random: new Random(1) }).estimate).toBe(2);
    expect(hierarchicalInterval([[1, 2], [6]], { random: new Random(1), statistic: "mean" }).estimate).toBe(3.75);
  });

  test("few processes: Student's t over their medians (hand: mean 3, s = √7, t₂ = 4.3027)", () => {
    const { low, high, method } = hierarchicalInterval([[1], [2], [6]], { random: new Random(1) });
    expect(method).toBe("Student's t over group medians");
    expect(high! - 3).toBeCloseTo(4.302653 * Math.sqrt(7 / 3), 4);
    expect(3 - low!).toBeCloseTo(4.302653 * Math.sqrt(7 / 3), 4);
  });

  test("differences between processes widen it; pooling would not see them", () => {
    const random = new Random(2);
    const agreeing = hierarchicalInterval(simulate(random, { between: 0 }), { random });
    const differing = hierarchicalInterval(simulate(random, { between: 0.1 }), { random });
    expect(differing.high! - differing.low!).toBeGreaterThan(3 * (agreeing.high! - agreeing.low!));
  });

  test.each([3, 5, 8, 12])("with %i processes it covers the true median in at least nine of ten runs", (processes) => {
    const random = new Random(processes);
    const trials = 200;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { low, high } = hierarchicalInterval(simulate(random, { processes }), { random, resamples: 300 });
      if (low! <= 1 && 1 <= high!) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.9);
  });

  test("one process speaks for its rounds only, one value for nothing", () => {
    const one = hierarchicalInterval([[1, 2, 3, 4, 5, 6]], { random: new Random(1) });
    expect(one.n).toBe(1);
    expect(one.method).toContain("within one group");
    expect(hierarchicalInterval([[4]], { random: new Random(1) })).not.toHaveProperty("low");
    expect(() => hierarchicalInterval([], { random: new Random(1) })).toThrow(SampleError);
    expect(() => hierarchicalInterval([[1], []], { random: new Random(1) })).toThrow(SampleError);
  });

  test("many test items: the normal limit agrees with drawing every item", () => {
    const random = new Random(4);
    const seeds = Array.from({ length: 8 }, () => Array.from({ length: 480 }, () => (random.uniform() < 0.9 ? 1 : 0)));
    const doubled = seeds.map((items) => [...items, ...items]); // same means, above the limit
    const drawn = hierarchicalInterval(seeds, { random, statistic: "mean" });
    const limit = hierarchicalInterval(doubled, { random, statistic: "mean" });
    expect(limit.estimate).toBeCloseTo(drawn.estimate, 12);
    expect((limit.high! - limit.low!) / (drawn.high! - drawn.low!)).toBeGreaterThan(0.6);
    expect((limit.high! - limit.low!) / (drawn.high! - drawn.low!)).toBeLessThan(1.05);
  });
});

describe("ratios", () => {
  test("drift that hits both contenders alike cancels in paired rounds", () => {
    const random = new Random(6);
    const processes = Array.from({ length: 8 }, () => {
      const drift = Array.from({ length: 12 }, (_, round) => (1 + round) * Math.exp(0.01 * random.normal()));
      return { numerator: drift.map((value) => 2 * value * Math.exp(0.005 * random.normal())), denominator: drift };
    });
    const paired = pairedRatioInterval(processes, { random });
    const unpaired = independentRatioInterval(
      processes.map((process) => process.numerator),
      processes.map((process) => process.denominator),
      { random },
    );
    expect(paired.estimate).toBeCloseTo(2, 1);
    expect(paired.high! - paired.low!).toBeLessThan(0.02);
    expect(unpaired.high! - unpaired.low!).toBeGreaterThan(10 * (paired.high! - paired.low!));
  });

  test("swapping the sides inverts the ratio", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 2, maxLength: 12 }),
        fc.integer(),
        (rounds, seed) => {
          const other = rounds.map((value, i) => value * (1 + (i % 3) / 10));
          const options = { resamples: 50 };
          const a = pairedRatioInterval([{ numerator: rounds, denominator: other }], {
            ...options,
            random: new Random(seed),
          });
          const b = pairedRatioInterval([{ numerator: other, denominator: rounds }], {
            ...options,
            random: new Random(seed),
          });
          expect(a.estimate * b.estimate).toBeCloseTo(1, 9);
        },
      ),
      { seed: 5, numRuns: 40 },
    );
  });

  test("multiplying one run by 1.2 gives 1.2, with 1.2 inside the interval and 1 outside", () => {
    const random = new Random(8);
    for (const processes of [3, 8]) {
      const run = simulate(random, { processes, between: 0.01 });
      const slower = run.map((rounds) => rounds.map((time) => 1.2 * time));
      const { estimate, low, high } = independentRatioInterval(slower, run, { random });
      expect(estimate).toBeCloseTo(1.2, 9);
      expect(low).toBeGreaterThan(1);
      expect(high).toBeGreaterThan(1.2);
    }
  });

  test("two equal runs of few processes are told apart in at most about one of twenty comparisons", () => {
    const random = new Random(9);
    const trials = 300;
    let apart = 0;
    for (let trial = 0; trial < trials; trial++) {
      const [a, b] = [simulate(random, { processes: 3 }), simulate(random, { processes: 3 })];
      const { low, high } = independentRatioInterval(a, b, { random, resamples: 300 });
      if (low! > 1 || high! < 1) apart++;
    }
    expect(apart / trials).toBeLessThan(0.08);
  });

  test("Welch's interval of few processes (hand: logarithms 0.1, 0.3 against 0, 0.1, 0.2)", () => {
    const exp = (values: number[]): number[][] => values.map((value) => [Math.exp(value)]);
    const { estimate, low, method } = independentRatioInterval(exp([0.1, 0.3]), exp([0, 0.1, 0.2]), {
      random: new Random(1),
    });
    // means 0.2 and 0.1; variances of the means 0.02/2 = 0.01 and 0.01/3; df = 0.013333² / (0.01²/1 + 0.003333²/2) = 1.6842
    expect(method).toBe("Welch's t over process medians");
    expect(Math.log(estimate)).toBeCloseTo(0.1, 12);
    expect((0.1 - Math.log(low!)) / Math.sqrt(0.04 / 3)).toBeCloseTo(studentQuantile(0.975, 1.684211), 4);
  });

  test("rounds that do not pair up and times of zero are refused", () => {
    const random = new Random(1);
    expect(() => pairedRatioInterval([{ numerator: [1], denominator: [1, 2] }], { random })).toThrow("must pair up");
    expect(() => independentRatioInterval([[0]], [[1]], { random })).toThrow("above zero");
    expect(independentRatioInterval([[2]], [[1]], { random })).toMatchObject({ estimate: 2, n: 1 });
  });
});

describe("geometric mean of ratios", () => {
  const times = (...values: number[]) => new Map(values.map((value, process) => [process, value]));

  test("of a speed-up and its inverse is 1, and does not depend on which run is the baseline", () => {
    const cases = [
      { cluster: "a", numerator: times(2, 2.2), denominator: times(1, 1.1) },
      { cluster: "b", numerator: times(1, 1.1), denominator: times(2, 2.2) },
    ];
    const { estimate, low, high } = geometricMeanOfRatios(cases);
    expect(estimate).toBeCloseTo(1, 12);
    expect(low! * high!).toBeCloseTo(1, 12);
  });

  test("is t over processes for one case (hand: logarithms 0.1, 0.3 against 0, 0.2; Welch)", () => {
    const log = (...values: number[]) => times(...values.map(Math.exp));
    const { low, n } = geometricMeanOfRatios([{ cluster: "a", numerator: log(0.1, 0.3), denominator: log(0, 0.2) }]);
    expect(n).toBe(2);
    expect((0.1 - Math.log(low!)) / Math.sqrt(0.02)).toBeCloseTo(studentQuantile(0.975, 2), 9);
  });

  test("covers 1 for equal code, though cases of a matchup drift together", () => {
    const random = new Random(12);
    const trials = 400;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const cases = ["a", "b", "c"].flatMap((cluster) => {
        const drift = [0, 1, 2, 3, 4, 5].map(() => 0.05 * random.normal());
        return Array.from({ length: 10 }, () => {
          const [x, y] = [drift.slice(0, 3), drift.slice(3)].map((side) =>
            times(...side.map((shift) => Math.exp(shift + 0.005 * random.normal()))),
          );
          return { cluster, numerator: x!, denominator: y! };
        });
      });
      const { low, high } = geometricMeanOfRatios(cases);
      if (low! <= 1 && high! >= 1) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.92);
    expect(covered / trials).toBeLessThan(0.99);
  });

  test("one process on a side leaves no interval", () => {
    const one = { cluster: "a", numerator: times(2), denominator: times(1, 1.1) };
    expect(geometricMeanOfRatios([one])).not.toHaveProperty("low");
  });
});
