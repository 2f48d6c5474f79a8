import { expect, test } from "vitest";
import { shapeOf } from "#case/shape";
import type { OperatorSpec } from "#case/case";
import { operators } from "./registry.ts";

const shape = shapeOf({ grid: [128], B: 2, H: 3, D: 4, E: 5 });
const HEADS = 6;

function work(spec: OperatorSpec, strategy: string, pass: "forward" | "forward+backward" = "forward") {
  return operators.get(spec.op).work(spec, shape, pass, strategy);
}

test("additive global: two products of N·D·E forward, four backward", () => {
  const spec: OperatorSpec = { op: "additive", causal: false };
  expect(work(spec, "global").flops).toBe(HEADS * 4 * 128 * 20);
  expect(work(spec, "global", "forward+backward").flops).toBe(HEADS * 12 * 128 * 20);
  expect(work({ op: "efficient-attention", causal: false }, "global").flops).toBe(HEADS * 4 * 128 * 20);
});

test("additive global: q, g, v read and out written; backward reads them again with the cotangent and writes their gradients", () => {
  const spec: OperatorSpec = { op: "additive", causal: false };
  const [D, E] = [HEADS * 128 * 4, HEADS * 128 * 5];
  expect(work(spec, "global").leastBytes).toBe(4 * (2 * D + 2 * E));
  expect(work(spec, "global", "forward+backward").leastBytes).toBe(
    4 * (2 * D + 2 * E) + 4 * (2 * D + 2 * E + 2 * D + E),
  );
  expect(work(spec, "global").leastMemory).toBe(4 * (2 * D + 2 * E + HEADS * (20 + 4)));
});

test("the backward pass of additive global moves 28·N·D bytes at D = E", () => {
  const square = shapeOf({ grid: [10], B: 1, H: 1, D: 3, E: 3 });
  const bytes = (pass: "forward" | "forward+backward") =>
    operators.get("additive").work({ op: "additive", causal: false }, square, pass, "global").leastBytes;
  expect(bytes("forward+backward") - bytes("forward")).toBe(28 * 10 * 3);
});

test("chunked causal: the state's two products, and the pairs j ≤ t of each chunk of 64", () => {
  const pairs = 2 * ((64 * 65) / 2); // two chunks
  expect(work({ op: "additive", causal: true }, "chunked").flops).toBe(HEADS * (4 * 128 * 20 + 2 * pairs * (4 + 5)));
  expect(work({ op: "additive", causal: true }, "chunked", "forward+backward").flops).toBe(
    HEADS * (4 * 128 * 20 + 2 * pairs * (4 + 5) + 8 * 128 * 20 + 2 * pairs * (3 * 4 + 2 * 5)),
  );
});

test("an explicit key is one more input", () => {
  const without = work({ op: "additive", causal: true }, "chunked").leastBytes;
  expect(work({ op: "additive", causal: true, explicitKey: true }, "chunked").leastBytes - without).toBe(
    4 * HEADS * 128 * 4,
  );
});

test("softmax: 2·N²·(D+E), half of it and the diagonal when causal", () => {
  expect(work({ op: "softmax", causal: false }, "tiled").flops).toBe(HEADS * 2 * 128 * 128 * 9);
  expect(work({ op: "softmax", causal: true }, "fused").flops).toBe(HEADS * 2 * ((128 * 129) / 2) * 9);
  expect(work({ op: "softmax", causal: true }, "materialised").flops).toBe(HEADS * 2 * 128 * 128 * 9);
  const backward = (strategy: string) =>
    work({ op: "softmax", causal: false }, strategy, "forward+backward").flops -
    work({ op: "softmax", causal: false }, strategy).flops;
  expect(backward("materialised")).toBe(HEADS * 4 * 128 * 128 * 9);
  expect(backward("tiled")).toBe(HEADS * (4 * 128 * 128 * 9 + 2 * 128 * 128 * 4)); // the scores once more
});

test("causal tiles: those above the diagonal are skipped", () => {
  const long = shapeOf({ grid: [512], B: 1, H: 1, D: 1, E: 1 });
  expect(operators.get("softmax").work({ op: "softmax", causal: true }, long, "forward", "tiled").flops).toBe(
    2 * 2 * (256 * 256 + 256 * 512),
  );
});

test("impossible pairs name the rule they break", () => {
  const rule = (spec: OperatorSpec) => operators.get(spec.op).impossible(spec, shape);
  expect(rule({ op: "additive", causal: false })).toBeUndefined();
  expect(rule({ op: "additive", causal: false, scans: 4 })).toContain("1 scan");
  expect(rule({ op: "additive", causal: false, decay: "vector" })).toContain("multiplicative");
  expect(rule({ op: "additive", causal: false, initialLse: "zero" })).toContain("causal");
  expect(rule({ op: "softmax", causal: true, tiedKey: true })).toContain("tiedKey");
  expect(rule({ op: "efficient-attention", causal: true })).toContain("order-free");
  expect(operators.get("softmax").impossible({ op: "softmax", causal: true }, { ...shape, N: 99 })).toContain("99");
});

test("every strategy that an operator loads is one it declares", async () => {
  for (const operator of operators.all()) {
    const { strategies } = await operator.load();
    expect(operator.strategies).toEqual(expect.arrayContaining(strategies.map(({ id }) => id)));
  }
});
