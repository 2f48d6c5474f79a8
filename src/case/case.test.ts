import { describe, expect, test } from "vitest";
import { caseId, caseSchema, matchupId, type OperatorCase } from "./case.ts";
import { shapeOf } from "./shape.ts";

const item: OperatorCase = {
  kind: "operator",
  suite: "s",
  contender: "c",
  engine: "wasm",
  precision: "float32",
  scale: "small",
  seed: 0,
  spec: { op: "softmax", causal: false },
  strategy: "default",
  level: "operator",
  pass: "forward",
  quantity: "time",
  shape: shapeOf({ grid: [8] }),
};

describe("bounds of what a case may say", () => {
  const refused: readonly (readonly [string, unknown])[] = [
    ["a length beyond any machine", { ...item, shape: { ...item.shape, N: 1e308 } }],
    ["a fraction of a token", { ...item, shape: { ...item.shape, N: 0.5 } }],
    ["a scale of scores whose square overflows", { ...item, spec: { ...item.spec, scoreScale: 1e308 } }],
    ["half of a surrogate pair", { ...item, suite: "s\ud800" }],
    ["control characters", { ...item, contender: "c\u001b[31m" }],
    ["a name of three hundred letters", { ...item, contender: "c".repeat(300) }],
    ["an empty name", { ...item, suite: "" }],
    ["a seed that is no 32-bit number", { ...item, seed: 2 ** 40 }],
    ["an unknown field", { ...item, surprise: 1 }],
    ["a module without its name", { ...item, spec: { op: "module", causal: false } }],
    ["a module's name beside an operator", { ...item, spec: { ...item.spec, module: "mine" } }],
    ["no thread at all", { ...item, threads: 0 }],
  ];
  test.each(refused)("%s is refused", (_what, value) => {
    expect(caseSchema.safeParse(value).success).toBe(false);
  });
  test("the case itself, threads, and a module are taken", () => {
    expect(caseSchema.parse(item)).toEqual(item);
    expect(caseSchema.safeParse({ ...item, threads: 2 }).success).toBe(true);
    const own = { ...item, spec: { op: "module", causal: false, module: "mine" } };
    expect(caseSchema.safeParse(own).success).toBe(true);
  });
});

test("threads make another case and another matchup; a case that names none keeps its old ids", () => {
  const two = { ...item, threads: 2 };
  expect(caseId(two)).not.toBe(caseId(item));
  expect(matchupId(two)).not.toBe(matchupId(item));
});
