import fc from "fast-check";
import { expect, test } from "vitest";
import { formatWithInterval, roundToInterval } from "./interval-digits.ts";

test.each([
  [1.0234, { low: 0.991, high: 1.052 }, {}, "1.02 [0.99, 1.05]"],
  [0.01234, { low: 0.0121, high: 0.0127 }, { factor: 1e-3, unit: "ms" }, "12.3 [12.1, 12.7] ms"],
  [1234, { low: 1100, high: 1400 }, {}, "1200 [1100, 1400]"],
  [0.004, { low: -0.3, high: 0.3 }, {}, "0.0 [-0.3, 0.3]"],
  [2.5, { low: 0.13, high: 50 }, {}, "3 [0.1, 50]"],
  [0.52, { low: 0.12, high: 2.28 }, {}, "0.5 [0.1, 2.3]"],
  [1.5, {}, { unit: "s" }, "1.5 s"],
  [1.23456, {}, {}, "1.2"],
  [1.70345, {}, { resolution: 0.002 }, "1.703"],
  [0.96449, {}, { factor: 0.01, unit: "%", resolution: 0.0005 }, "96.45 %"],
  [0.5, {}, { resolution: 0.5 }, "0.50"],
  [1.70345, { low: 1.5, high: 1.9 }, { resolution: 0.002 }, "1.7 [1.5, 1.9]"],
  [2, { low: 2, high: 2 }, {}, "2.000 [2.000, 2.000]"],
  [0, {}, {}, "0"],
])("%d with %o and %o prints %s", (value, interval, format, expected) => {
  expect(formatWithInterval(value, interval, format)).toBe(expected);
});

test("no printed digit is finer than the half-width", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 0.9, noNaN: true }),
      (value, relative) => {
        const half = value * relative;
        const text = roundToInterval(value, { low: value - half, high: value + half });
        const decimals = text.split(".")[1]?.length ?? 0;
        expect(10 ** -decimals).toBeLessThanOrEqual(Math.max(1, half * 10));
        if (decimals > 0) expect(10 ** -decimals * 10).toBeGreaterThan(half);
        expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(half * 0.500001);
      },
    ),
    { seed: 6 },
  );
});
