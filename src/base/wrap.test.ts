import { expect, test } from "vitest";
import { wrap } from "./wrap.ts";

test("lines are broken between words, and a word longer than a line stands alone", () => {
  expect(wrap("time per training step", 10)).toEqual(["time per", "training", "step"]);
  expect(wrap("parameters of it", 6)).toEqual(["parameters", "of it"]);
  expect(wrap("", 6)).toEqual([""]);
});
