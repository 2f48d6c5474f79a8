import fc from "fast-check";
import { expect, test } from "vitest";
import { linearAxis, logAxis, rowsAxis, valuesAxis } from "./axis.ts";

const labels = (axis: { ticks: readonly { label: string }[] }): string[] => axis.ticks.map(({ label }) => label);

test("a logarithmic time axis names decades with their units", () => {
  const axis = logAxis("time", [2e-5, 3.5], "seconds");
  expect(labels(axis)).toEqual(["10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s"]);
  expect(axis.min).toBeLessThan(2e-5);
  expect(axis.max).toBeGreaterThan(3.5);
});

test("a short logarithmic axis still has several ticks", () => {
  expect(labels(logAxis("time", [1e-3, 5e-3], "seconds"))).toEqual(["1 ms", "2 ms", "5 ms"]);
  expect(labels(logAxis("ratio", [0.97, 1.3], "plain")).length).toBeGreaterThanOrEqual(3);
});

test("byte axes tick at powers of two", () => {
  expect(labels(logAxis("memory", [2 ** 20, 2 ** 27], "bytes"))).toEqual(["1 MiB", "4 MiB", "16 MiB", "64 MiB"]);
});

test("lengths tick where they were measured, the longest always, nine at most", () => {
  expect(labels(valuesAxis("N", [256, 1024, 512, 256]))).toEqual(["256", "512", "1024"]);
  const many = valuesAxis(
    "N",
    Array.from({ length: 20 }, (_, index) => 2 ** index),
  );
  expect(many.ticks.length).toBeLessThanOrEqual(9);
  expect(labels(many).at(-1)).toBe(String(2 ** 19));
});

test("a linear axis with origin starts at zero, one without frames its values", () => {
  expect(linearAxis("time", [0.2, 0.9], { quantity: "plain", origin: true }).min).toBe(0);
  const framed = linearAxis("accuracy", [0.81, 0.93], { quantity: "percent", origin: false });
  expect(framed.min).toBeGreaterThan(0.79);
  expect(labels(framed)).toContain("84 %");
  for (const value of [3, -0.9969, 1e-9])
    expect(linearAxis("same", [value, value], { quantity: "plain", origin: false }).ticks.length).toBeGreaterThan(1);
});

test("rows count from the top and leave room at both ends", () => {
  expect(rowsAxis([{ label: "a" }, { label: "b" }])).toMatchObject({
    min: -0.6,
    max: 1.6,
    ticks: [
      { value: 0, label: "a" },
      { value: 1, label: "b" },
    ],
  });
});

test.each([[[0, 1]], [[-1, 2]], [[]]])("a logarithmic axis refuses %j", (values) => {
  expect(() => logAxis("time", values, "seconds")).toThrow(RangeError);
});

test("ticks of any axis lie on it, and ascend", () => {
  const positive = fc.double({ min: 1e-9, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(fc.array(positive, { minLength: 1, maxLength: 20 }), (values) => {
      for (const axis of [
        logAxis("", values, "seconds"),
        logAxis("", values, "plain"),
        linearAxis("", values, { quantity: "plain", origin: false }),
        linearAxis("", values, { quantity: "plain", origin: true }),
      ]) {
        expect(axis.min).toBeLessThan(axis.max);
        for (const value of values) expect(value >= axis.min && value <= axis.max).toBe(true);
        const places = axis.ticks.map(({ value }) => value);
        expect(places.every((place) => place >= axis.min && place <= axis.max)).toBe(true);
        expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      }
    }),
  );
});
