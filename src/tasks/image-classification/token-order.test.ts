import { expect, test } from "vitest";
import { UsageError } from "#base/errors";
import { reordered, tokenOrder } from "./token-order.ts";

test("rows, their reverse, and columns of a square grid", () => {
  expect(tokenOrder([2, 2], "row-major")).toEqual([0, 1, 2, 3]);
  expect(tokenOrder([2, 3], "reversed")).toEqual([5, 4, 3, 2, 1, 0]);
  expect(tokenOrder([3, 3], "transposed")).toEqual([0, 3, 6, 1, 4, 7, 2, 5, 8]);
});

test("only a square grid of two dimensions can be transposed", () => {
  expect(() => tokenOrder([2, 3], "transposed")).toThrow(UsageError);
  expect(() => tokenOrder([2, 2, 2], "transposed")).toThrow("got 2 × 2 × 2");
});

test("tokens move whole, image by image", () => {
  const tokens = Float32Array.from({ length: 16 }, (_, i) => i); // 2 images of 4 tokens of 2
  expect([...reordered(tokens, tokenOrder([2, 2], "reversed"), 2)]).toEqual([
    6, 7, 4, 5, 2, 3, 0, 1, 14, 15, 12, 13, 10, 11, 8, 9,
  ]);
});
