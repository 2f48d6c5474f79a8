import { describe, expect, test } from "vitest";
import { UsageError } from "#base/errors";
import { Random } from "#base/random";
import { DenoisingErrors, fixedNoise } from "./denoising-error.ts";
import { distanceOfFeatures, frechetDistance, gaussianOf, type Features, type Gaussian } from "./frechet.ts";
import { precisionRecall } from "./precision-recall.ts";
import { guided, sampleFrom, visitedSteps, type PredictNoise } from "./sampling.ts";
import { addNoise, cleanValue, linearSchedule } from "./schedule.ts";

const schedule = linearSchedule();

describe("the schedule", () => {
  test("runs from 1e-4 to 0.02, and ᾱ is the product of what each step leaves", () => {
    expect(schedule.beta[0]).toBeCloseTo(1e-4, 15);
    expect(schedule.beta[999]).toBeCloseTo(0.02, 15);
    expect(schedule.beta[500]! - schedule.beta[499]!).toBeCloseTo((0.02 - 1e-4) / 999, 15);
    // Σ log(1 − β) by another road
    const logs = Array.from(schedule.beta, (beta) => Math.log1p(-beta)).reduce((sum, log) => sum + log, 0);
    expect(Math.log(schedule.alphaBar[999]!)).toBeCloseTo(logs, 10);
    expect(schedule.alphaBar[999]).toBeCloseTo(4.0358e-5, 8); // as published implementations print it
    expect([...schedule.alphaBar].every((left, t) => t === 0 || left < schedule.alphaBar[t - 1]!)).toBe(true);
  });

  test("other lengths leave about as little, and very short ones are refused", () => {
    expect(Math.log(linearSchedule(250).alphaBar[249]!) / Math.log(schedule.alphaBar[999]!)).toBeCloseTo(1, 1);
    expect(() => linearSchedule(50)).toThrow(UsageError);
  });

  test("the clean image comes back exactly from a noisy one and its noise", () => {
    const random = new Random(1);
    const [clean, noise] = [random.normals(12), random.normals(12)];
    const timesteps = [0, 400, 999];
    const noisy = addNoise(schedule, { clean, noise, timesteps });
    noisy.forEach((value, i) => {
      const left = schedule.alphaBar[timesteps[Math.floor(i / 4)]!]!;
      // a float32 in x_t is magnified by 1/√ᾱ: at the last step 157 times
      expect(cleanValue(value, noise[i]!, left)).toBeCloseTo(clean[i]!, left > 0.01 ? 5 : 3);
    });
    const exact = Math.sqrt(0.3) * 0.7 + Math.sqrt(0.7) * -1.2;
    expect(cleanValue(exact, -1.2, 0.3)).toBeCloseTo(0.7, 14);
  });
});

/** Data N(μ, s²): the noise that the best denoiser sees, E[ε | x_t], is linear in x_t. */
const [MEAN, DEVIATION] = [0.6, 0.35];
const bestDenoiser: PredictNoise = (x, t) => {
  const left = schedule.alphaBar[t]!;
  const variance = left * DEVIATION ** 2 + 1 - left;
  return Promise.resolve(x.map((value) => (Math.sqrt(1 - left) * (value - Math.sqrt(left) * MEAN)) / variance));
};

describe("samplers", () => {
  test("visit evenly spread steps, last to first", () => {
    expect(visitedSteps(1000, 5)).toEqual([999, 749, 500, 250, 0]);
    expect(visitedSteps(1000, 1)).toEqual([999]);
    expect(visitedSteps(100, 100)).toEqual(Array.from({ length: 100 }, (_, i) => 99 - i));
    expect(() => visitedSteps(100, 101)).toThrow(UsageError);
  });

  test("DDIM with the exact noise of Gaussian data gives their mean and deviation, the nearer the more steps", async () => {
    // The whole walk is affine in its start: x = a·x_T + b, so that its moments are b and |a| without any sampling.
    const moments = async (steps: number) => {
      const [at0, at1] = await sampleFrom([0, 1], bestDenoiser, { schedule, steps, eta: 0 });
      return { mean: at0!, deviation: Math.abs(at1! - at0!) };
    };
    const fine = await moments(1000);
    expect(fine.mean).toBeCloseTo(MEAN, 2);
    expect(fine.deviation).toBeCloseTo(DEVIATION, 2);
    const errors = await Promise.all(
      [10, 50, 250].map(async (steps) => Math.abs((await moments(steps)).deviation - DEVIATION)),
    );
    expect(errors[1]).toBeLessThan(errors[0]!);
    expect(errors[2]).toBeLessThan(errors[1]!);
  });

  test.each([1000, 250])("ancestral sampling with %i steps gives them too", async (steps) => {
    const random = new Random(3);
    const n = 4000;
    const x = await sampleFrom(random.normals(n), bestDenoiser, { schedule, steps, eta: 1, random });
    const mean = x.reduce((sum, value) => sum + value, 0) / n;
    const deviation = Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
    expect(Math.abs(mean - MEAN)).toBeLessThan((4 * DEVIATION) / Math.sqrt(n) + 0.01);
    expect(Math.abs(deviation - DEVIATION)).toBeLessThan((4 * DEVIATION) / Math.sqrt(2 * n) + 0.01);
  });

  test("one ancestral step with neighbouring time steps is DDPM's posterior step", async () => {
    // A schedule visited whole: every step goes to its neighbour.
    const short = linearSchedule(100);
    const seen: { x: number; noise: number; t: number }[] = [];
    const predict: PredictNoise = (x, t) => {
      const noise = 0.1 * x[0]! + 0.01 * t;
      seen.push({ x: x[0]!, noise, t });
      return Promise.resolve([noise]);
    };
    await sampleFrom([0.5], predict, { schedule: short, steps: 100, eta: 1, random: new Random(4) });
    const draws = new Random(4);
    for (let i = 0; i + 1 < seen.length; i++) {
      const { x, noise, t } = seen[i]!;
      const [beta, left, before] = [short.beta[t]!, short.alphaBar[t]!, short.alphaBar[t - 1]!];
      const mean = (x - (beta / Math.sqrt(1 - left)) * noise) / Math.sqrt(1 - beta);
      const variance = (beta * (1 - before)) / (1 - left);
      expect(seen[i + 1]!.x).toBeCloseTo(mean + Math.sqrt(variance) * draws.normal(), 10);
    }
  });

  test("limits cut what the clean image is taken to be; a stream is asked for where one is needed", async () => {
    const far: PredictNoise = (x) => Promise.resolve(x.map(() => -5));
    const free = await sampleFrom([1, -1], far, { schedule, steps: 4, eta: 0 });
    expect(Math.max(...free)).toBeGreaterThan(1);
    const cut = await sampleFrom([1, -1], far, { schedule, steps: 4, eta: 0, limit: 1 });
    expect(Math.max(...cut.map(Math.abs))).toBeLessThanOrEqual(1);
    await expect(sampleFrom([1], far, { schedule, steps: 4, eta: 1 })).rejects.toThrow(UsageError);
  });

  test("guidance of 1 is the conditional model, of 0 the other, beyond 1 away from it", () => {
    expect([...guided([3, 1], [1, 1], 1)]).toEqual([3, 1]);
    expect([...guided([3, 1], [1, 1], 0)]).toEqual([1, 1]);
    expect([...guided([3, 1], [1, 1], 4)]).toEqual([9, 1]);
  });
});

describe("denoising errors", () => {
  test("time steps are spread evenly, and the noise of an item depends on its number alone", () => {
    const { timesteps, noise } = fixedNoise(100, 6, 1000);
    expect([...timesteps].sort((a, b) => a - b).map((t) => Math.floor(t / 10))).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    expect([...timesteps]).not.toEqual([...timesteps].sort((a, b) => a - b));
    expect(fixedNoise(5, 6, 1000).noise(3)).toEqual(noise(3));
    expect(noise(4)).not.toEqual(noise(3));
  });

  test("means over all and by quarters, by hand", () => {
    const errors = new DenoisingErrors(1000);
    errors.add([1, 3], [1, 1], 0); // 2
    errors.add([2, 0], [2, 0], 249); // 0
    errors.add([2, 0], 0, 750); // 2
    expect(errors.items).toEqual([2, 0, 2]);
    expect(errors.totals()).toEqual({ mse: 4 / 3, "mse.t0-249": 1, "mse.t750-999": 2 });
  });
});

/** n vectors with the given means and deviations, axis by axis. */
function drawn(seed: number, n: number, axes: readonly (readonly [mean: number, deviation: number])[]): Features {
  const random = new Random(seed);
  return {
    count: n,
    width: axes.length,
    values: Float64Array.from(
      { length: n * axes.length },
      (_, i) => axes[i % axes.length]![0] + axes[i % axes.length]![1] * random.normal(),
    ),
  };
}

describe("Fréchet distance", () => {
  const turn = (angle: number, [a, b]: readonly [number, number]): number[][] => {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return [
      [c * c * a + s * s * b, c * s * (a - b)],
      [c * s * (a - b), s * s * a + c * c * b],
    ];
  };

  test("of Gaussians along the axes: Σ (μ₁ − μ₂)² + (σ₁ − σ₂)²", () => {
    const a: Gaussian = {
      mean: [1, 0, 2],
      covariance: [
        [4, 0, 0],
        [0, 1, 0],
        [0, 0, 9],
      ],
    };
    const b: Gaussian = {
      mean: [0, 0, 4],
      covariance: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 0.25],
      ],
    };
    expect(frechetDistance(a, b)).toBeCloseTo(1 + 4 + 1 + 0 + 2.5 ** 2, 10);
    expect(frechetDistance(a, b)).toBeCloseTo(frechetDistance(b, a), 10);
  });

  test("of two-dimensional Gaussians turned against each other, by the closed form tr(root) = √(tr + 2√det)", () => {
    const a = { mean: [0, 0], covariance: turn(0.4, [5, 0.3]) };
    const b = { mean: [1, -1], covariance: turn(-1.1, [2, 0.7]) };
    const [p, q] = [a.covariance, b.covariance];
    const traceOfProduct = p[0]![0]! * q[0]![0]! + 2 * p[0]![1]! * q[0]![1]! + p[1]![1]! * q[1]![1]!;
    const traceOfRoot = Math.sqrt(traceOfProduct + 2 * Math.sqrt(5 * 0.3 * 2 * 0.7));
    expect(frechetDistance(a, b)).toBeCloseTo(2 + 5.3 + 2.7 - 2 * traceOfRoot, 10);
    expect(frechetDistance(a, a)).toBeCloseTo(0, 10);
  });

  test("of samples comes near that of their Gaussians, with singular covariances too", () => {
    const a = drawn(1, 20_000, [
      [0, 1],
      [2, 0.5],
      [1, 0],
    ]);
    const b = drawn(2, 20_000, [
      [1, 2],
      [2, 0.5],
      [1, 0],
    ]);
    expect(frechetDistance(gaussianOf(a), gaussianOf(b))).toBeCloseTo(2, 0);
    expect(gaussianOf(a).covariance[0]![0]).toBeCloseTo(1, 1);
    expect(() => gaussianOf({ count: 1, width: 1, values: Float64Array.of(1) })).toThrow(UsageError);
    expect(() => frechetDistance(gaussianOf(a), { mean: [0], covariance: [[1]] })).toThrow(UsageError);
  });

  test("the covariance by hand", () => {
    const { mean, covariance } = gaussianOf({ count: 3, width: 2, values: Float32Array.of(0, 1, 2, 5, 4, 3) });
    expect(mean).toEqual([2, 3]);
    expect(covariance).toEqual([
      [4, 2],
      [2, 4],
    ]); // (−2, −2), (0, 2), (2, 0)
  });

  test.each([
    [5, 4],
    [3, 9],
    [9, 3],
    [7, 40],
    [40, 12],
  ])("of %i and %i vectors of 8 values is that of their Gaussians, covariances formed or not", (first, second) => {
    const axes = (mean: number, deviation: number) =>
      Array.from({ length: 8 }, (_, i) => [mean * i, deviation + i / 4] as const);
    const [a, b] = [drawn(1, first, axes(0.1, 1)), drawn(2, second, axes(-0.2, 2))];
    const expected = frechetDistance(gaussianOf(a), gaussianOf(b));
    expect(distanceOfFeatures(a, b) / expected).toBeCloseTo(1, 6);
    expect(distanceOfFeatures(a, a)).toBeLessThan(1e-6);
    expect(() => distanceOfFeatures(a, { ...b, width: 4, count: 2 * second })).toThrow(UsageError);
  });
});

describe("precision and recall", () => {
  test("leave out only work: the same as with every distance known", () => {
    const axes = Array.from({ length: 12 }, () => [0, 1] as const);
    const [real, generated] = [
      drawn(5, 60, axes),
      drawn(
        6,
        45,
        axes.map(() => [0.3, 0.9] as const),
      ),
    ];
    const squared = (a: Features, i: number, [b, j]: [Features, number]) =>
      Array.from({ length: 12 }, (_, c) => (a.values[i * 12 + c]! - b.values[j * 12 + c]!) ** 2).reduce(
        (sum, value) => sum + value,
        0,
      );
    const share = (of: Features, balls: Features) => {
      const radii = Array.from(
        { length: balls.count },
        (_, i) =>
          Array.from({ length: balls.count }, (__, j) => squared(balls, i, [balls, j])).sort((x, y) => x - y)[3]!,
      );
      return (
        Array.from({ length: of.count }, (_, i) =>
          Number(radii.some((radius, j) => squared(of, i, [balls, j]) <= radius)),
        ).reduce((sum, hit) => sum + hit, 0) / of.count
      );
    };
    expect(precisionRecall(real, generated)).toEqual({
      precision: share(generated, real),
      recall: share(real, generated),
    });
  });

  const line = (...values: number[]): Features => ({
    count: values.length,
    width: 1,
    values: Float64Array.from(values),
  });

  test("by hand on a line, with one neighbour", () => {
    const real = line(0, 1, 10, 12); // balls: ±1, ±1, ±2, ±2
    const generated = line(0.5, 1.9, 5, 5.1); // balls: ±1.4, ±1.4, ±0.1, ±0.1
    // 0.5 and 1.9 lie in the ball of 1, 5 and 5.1 in none; 0 and 1 lie in balls of 0.5 and 1.9, 10 and 12 in none
    expect(precisionRecall(real, generated, 1)).toEqual({ precision: 0.5, recall: 0.5 });
  });

  test("one mode of two is precise and recalls a half; noise far away is neither", () => {
    const real = {
      count: 200,
      width: 2,
      values: Float64Array.from([
        ...drawn(1, 100, [
          [0, 1],
          [0, 1],
        ]).values,
        ...drawn(2, 100, [
          [50, 1],
          [0, 1],
        ]).values,
      ]),
    };
    const oneMode = precisionRecall(
      real,
      drawn(3, 200, [
        [0, 1],
        [0, 1],
      ]),
    );
    expect(oneMode.precision).toBeGreaterThan(0.85);
    expect(oneMode.recall).toBeGreaterThan(0.4);
    expect(oneMode.recall).toBeLessThanOrEqual(0.5);
    expect(
      precisionRecall(
        real,
        drawn(4, 200, [
          [0, 1],
          [500, 1],
        ]),
      ),
    ).toEqual({ precision: 0, recall: 0 });
    expect(precisionRecall(real, real)).toEqual({ precision: 1, recall: 1 });
    expect(() => precisionRecall(line(1, 2, 3), real)).toThrow(UsageError);
    expect(() => precisionRecall(line(1, 2, 3), line(1, 2, 3))).toThrow(UsageError);
  });
});
