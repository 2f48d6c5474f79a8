import { expect, test } from "vitest";
import type { OperatorSpec } from "#case/case";
import { shapeOf } from "#case/shape";
import { multiplicative } from "./declaration.ts";

const row = shapeOf({ grid: [64], H: 4 });
const image = shapeOf({ grid: [8, 8], H: 4, prefix: 1 });
const scanned: OperatorSpec = { op: "multiplicative", causal: false, decay: "vector", scans: 2 };

test.each<[string, OperatorSpec, typeof row, RegExp]>([
  ["four scans of a line", { ...scanned, scans: 4 }, row, /1, 2 scans, got 4/],
  ["three scans of an image", { ...scanned, scans: 3 }, image, /1, 2, 4 scans, got 3/],
  ["several scans without decay", { ...scanned, decay: "none" }, row, /without decay/],
  ["causal with two scans", { ...scanned, causal: true }, row, /causal form has one scan/],
  ["tied key of a scalar decay", { ...scanned, decay: "scalar", tiedKey: true }, row, /tied key/],
  ["three heads over two directions", { ...scanned, layout: "head-split" }, { ...row, H: 3 }, /divisible/],
  ["a layout of one scan", { ...scanned, scans: 1, layout: "alternate" }, row, /needs several scans/],
  ["a direction beyond the scans", { ...scanned, layout: "alternate", direction: 2 }, row, /below the number/],
  [
    "own inputs of one direction",
    { op: "multiplicative", causal: true, decay: "vector", sharing: "none" },
    row,
    /several parallel scans/,
  ],
  ["another operator's option", { ...scanned, scoreScale: 1 }, row, /softmax/],
  ["a grid of other size", scanned, { ...row, N: 65 }, /prefix \+ product/],
])("impossible: %s", (_name, spec, shape, rule) => {
  expect(multiplicative.impossible(spec, shape)).toMatch(rule);
});

test("possible: what the contenders run", () => {
  expect(multiplicative.impossible(scanned, row)).toBeUndefined();
  expect(multiplicative.impossible({ ...scanned, scans: 4, layout: "head-split" }, image)).toBeUndefined();
  expect(multiplicative.impossible({ op: "multiplicative", causal: false, decay: "none" }, image)).toBeUndefined();
});

test("inputShapes: decays by kind, unshared inputs with a leading axis of directions", () => {
  expect(multiplicative.inputShapes({ ...scanned, sharing: "decay" }, row)).toEqual({
    q: [1, 4, 64, 64],
    k: [1, 4, 64, 64],
    v: [1, 4, 64, 64],
    logDecay: [2, 1, 4, 64, 64],
  });
  expect(multiplicative.inputShapes({ op: "multiplicative", causal: true, decay: "constant" }, row).logDecay).toEqual([
    4,
  ]);
  expect(multiplicative.inputShapes({ ...scanned, tiedKey: true }, row)).not.toHaveProperty("k");
});

test("work: the dense-tile counts per token and head at D = E = C = 64", () => {
  const long = shapeOf({ grid: [4096], H: 1 });
  const perToken = (spec: OperatorSpec, strategy: string) =>
    multiplicative.work(spec, long, "forward", strategy).flops / 4096;
  expect(perToken({ ...scanned, scans: 1 }, "chunked")).toBe(32_768);
  expect(perToken(scanned, "chunked")).toBe(65_536);
  expect(perToken(scanned, "joint")).toBe(49_152);
  expect(perToken({ op: "multiplicative", causal: false, decay: "none" }, "global")).toBe(16_384);
  expect(perToken({ ...scanned, layout: "head-split" }, "chunked")).toBe(32_768);
});

test("work: bytes of inputs and outputs, once forward; read again and written as gradients backward", () => {
  const shape = shapeOf({ grid: [10], H: 1, D: 2, E: 3 });
  const spec: OperatorSpec = { op: "multiplicative", causal: true, decay: "vector" };
  const inputs = 10 * (2 + 2 + 3 + 2);
  expect(multiplicative.work(spec, shape, "forward", "chunked").leastBytes).toBe(4 * (inputs + 30));
  expect(multiplicative.work(spec, shape, "forward+backward", "chunked").leastBytes).toBe(4 * (3 * inputs + 60));
});
