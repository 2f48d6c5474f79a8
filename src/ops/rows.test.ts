import { expect, test } from "vitest";
import { Random } from "#base/random";
import { shapeOf } from "#case/shape";
import type { OperatorSpec } from "#case/case";
import { conformanceCases, type ConformanceCase } from "./conformance-cases.ts";
import type { Evaluation, NamedTensors } from "./compare.ts";
import { compareWithReference, referenceOf } from "./conformance.ts";
import { operators } from "./registry.ts";
import { placeOf } from "./rows.ts";

const operator = operators.get("additive");
const spec: OperatorSpec = { op: "additive", causal: true };
const whole = conformanceCases(operator, spec, new Random(1)).find(({ id }) => id === "whole-chunks")!;
const other = conformanceCases(operator, spec, new Random(2)).find(({ id }) => id === "whole-chunks")!;
const { N, H, E } = whole.shape;

/** What is wrong with results that were changed on the way, and where. */
function wrongs(change: (right: Evaluation) => Evaluation, item: ConformanceCase = whole) {
  const right = referenceOf(operator, item);
  const errors = compareWithReference(change(right), operator, item, { precision: "float32", kind: "cpu" });
  return errors.filter(({ error, tolerance }) => !(error <= tolerance));
}

const out = (right: Evaluation, map: (value: number, i: number, all: ArrayLike<number>) => number): Evaluation => {
  const values = right.outputs["out"]!;
  return { ...right, outputs: { ...right.outputs, out: Float64Array.from(values, (v, i) => map(v, i, values)) } };
};
const tokenOf = (i: number) => Math.floor(i / E) % N;
const headOf = (i: number) => Math.floor(i / (E * N)) % H;

test("what is right passes, rounded to float32 as well", () => {
  expect(wrongs((right) => right)).toEqual([]);
  expect(wrongs((right) => out(right, Math.fround))).toEqual([]);
});

/** Contenders that are wrong on purpose. */
const MUTANTS: readonly (readonly [string, (right: Evaluation) => Evaluation, RegExp])[] = [
  ["zeros", (right) => out(right, () => 0), /head \d, token \d+/],
  [
    "the output of the previous call, on other values",
    (right) => ({ ...right, outputs: { ...right.outputs, out: referenceOf(operator, other).outputs["out"]! } }),
    /token/,
  ],
  ["the last row dropped", (right) => out(right, (value, i) => (tokenOf(i) === N - 1 ? 0 : value)), /token 191/],
  [
    "the previous head's values",
    (right) => out(right, (value, i, all) => (headOf(i) === 1 ? all[i - E * N]! : value)),
    /head 1/,
  ],
  [
    "one late value off by 0.01 %",
    (right) => out(right, (value, i) => (i === all(right).length - 1 ? value + 1e-4 * rowMagnitude(right) : value)),
    /head 1, token 191/,
  ],
];

function all(right: Evaluation): ArrayLike<number> {
  return right.outputs["out"]!;
}

/** of the last row */
function rowMagnitude(right: Evaluation): number {
  return Math.max(...Array.from(all(right)).slice(-E).map(Math.abs));
}

test.each(MUTANTS)("refused: %s", (_name, change, place) => {
  const found = wrongs(change);
  expect(found.map(({ name }) => name)).toEqual(["out"]);
  expect(found[0]!.at).toMatch(place);
});

test("refused: the normaliser not carried over a chunk", () => {
  const chunk = 64;
  const item = whole.inputs as NamedTensors;
  // Every chunk starts its sum of weights anew, and only the state goes on.
  const found = wrongs((right) => {
    const values = Float64Array.from(all(right));
    for (let head = 0; head < H; head++)
      for (let t = chunk; t < N; t++) {
        const share = weightSince(item, head, t, Math.floor(t / chunk) * chunk);
        for (let e = 0; e < E; e++) values[(head * N + t) * E + e]! /= share;
      }
    return { ...right, outputs: { ...right.outputs, out: values } };
  });
  expect(found.map(({ name }) => name)).toEqual(["out"]);
});

/** Share of the weights up to t that stands at `from` or later, in channel 0. */
function weightSince({ g }: NamedTensors, head: number, t: number, from: number): number {
  const { D } = whole.shape;
  const weights = (first: number) => {
    let sum = 0;
    for (let j = first; j <= t; j++) sum += Math.exp(g!.data[(head * N + j) * D]!);
    return sum;
  };
  return weights(from) / weights(0);
}

test("refused: right in forward and wrong in one gradient", () => {
  const found = wrongs((right) => ({
    ...right,
    gradients: { ...right.gradients, v: Float64Array.from(right.gradients["v"]!, (value) => 0.99 * value) },
  }));
  expect(found.map(({ name }) => name)).toEqual(["grad.v"]);
});

test("a place is named by what its axes are", () => {
  const { B, H: heads, N: tokens, D } = shapeOf({ grid: [5], B: 2, H: 3, D: 4 });
  expect(placeOf(29, "out", [B, heads, tokens, D])).toBe("batch 1, head 2, token 4");
  expect(placeOf(5, "lse", [B, heads, D])).toBe("batch 1, head 2");
  expect(placeOf(2, "logDecay", [heads])).toBe("head 2");
  expect(placeOf(44, "q", [2, B, heads, tokens, D])).toBe("direction 1, batch 0, head 2, token 4");
});
