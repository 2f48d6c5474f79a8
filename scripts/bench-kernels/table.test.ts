import { expect, test } from "vitest";
import { median, summarise, tableOf, type Row } from "./table.ts";

const row: Row = {
  work: "product",
  flops: 4e9,
  samples: {
    ours: [1, 2, 4],
    stock: [10, 20, 80],
    "torch, 1 thread": [0.5, null, 4],
    "torch, 2 threads": [null, null, null],
  },
  missing: {},
};

test("the median of an even number of values lies between the middle two", () => {
  expect(median([3, 1])).toBe(2);
  expect(median([5, 1, 3])).toBe(3);
});

test("ratios are taken within a round, and rounds without a value are left out", () => {
  const { oursMs, gflops, peakShare, speedup } = summarise(row, 8e9);
  expect(oursMs).toBe(2000);
  expect(gflops).toBe(2);
  expect(peakShare).toBe(0.25);
  expect(speedup).toEqual({ stock: 10, "torch, 1 thread": 0.75 });
});

test("the table shows a dash where a contender was not there", () => {
  expect(
    tableOf([summarise(row, 8e9)])
      .split("\n")
      .at(-1),
  ).toBe("| product | 2.00e+3 ms | 2.0 | 25 % | 10.0 | 0.750 | – |");
});
