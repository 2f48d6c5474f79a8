import { expect, test } from "vitest";
import { Random } from "#base/random";
import { FALSE_ALARM_RATE, findSteps, LEAST_VALUES } from "./change-point.ts";

const LENGTH = 50;
const SERIES = 1000;

/** Noise of histories: normal, with heavy tails (Student's t, 3 degrees), skewed (log-normal), rounded to few values. */
const NOISE: Readonly<Record<string, (random: Random) => number>> = {
  normal: (random) => random.normal(),
  "heavy tails": (random) => random.normal() / Math.hypot(random.normal(), random.normal(), random.normal()),
  skewed: (random) => Math.exp(random.normal()),
  rounded: (random) => Math.round(random.normal()),
};

test.each(Object.entries(NOISE))(
  "of 1000 series of 50 points without a step, at most 1 in 100 has a false alarm: %s",
  (name, noise) => {
    const random = new Random(7).fork(name);
    let alarms = 0;
    for (let series = 0; series < SERIES; series++) {
      const values = Array.from({ length: LENGTH }, () => noise(random));
      if (findSteps(values, random).length > 0) alarms++;
    }
    expect(FALSE_ALARM_RATE).toBeLessThan(1 / 100);
    expect(alarms).toBeLessThanOrEqual(SERIES / 100);
  },
);

test("a step of three standard deviations is found, within a point or two, in nearly all series", () => {
  const random = new Random(8);
  let [found, near] = [0, 0];
  for (let series = 0; series < 200; series++) {
    const values = Array.from({ length: LENGTH }, (_, i) => random.normal() + (i < 30 ? 0 : 3));
    const steps = findSteps(values, random);
    if (steps.length > 0) found++;
    if (steps.some(({ at, change }) => Math.abs(at - 30) <= 2 && change > 2)) near++;
  }
  expect(found).toBeGreaterThanOrEqual(198);
  expect(near).toBeGreaterThanOrEqual(190);
});

test("two steps are two, with the change of each", () => {
  const random = new Random(9);
  const values = Array.from({ length: 60 }, (_, i) => 0.1 * random.normal() + (i < 20 ? 0 : i < 40 ? 1 : 0.5));
  const steps = findSteps(values, random);
  expect(steps.map(({ at }) => at)).toEqual([20, 40]);
  expect(steps[0]!.change).toBeCloseTo(1, 1);
  expect(steps[1]!.change).toBeCloseTo(-0.5, 1);
});

test("too few values, equal values and a single outlier are no step; the same seed gives the same", () => {
  const clear = Array.from({ length: LEAST_VALUES - 1 }, (_, i) => (i < 5 ? 0 : 9));
  expect(findSteps(clear, new Random(1))).toEqual([]);
  expect(
    findSteps(
      Array.from({ length: 30 }, () => 4),
      new Random(1),
    ),
  ).toEqual([]);
  const outlier = Array.from({ length: 30 }, (_, i) => (i === 12 ? 50 : Math.sin(i)));
  expect(findSteps(outlier, new Random(1))).toEqual([]);
  const noisy = Array.from({ length: 30 }, (_, i) => Math.sin(7 * i) + (i < 15 ? 0 : 2));
  expect(findSteps(noisy, new Random(3))).toEqual(findSteps(noisy, new Random(3)));
  expect(() => findSteps([1, Number.NaN], new Random(1))).toThrow(/finite/);
});
