import { expect, test } from "vitest";
import { without } from "./without.ts";

test("a copy lacks the named fields, and the object keeps them", () => {
  const object = { a: 1, b: 2, c: undefined };
  expect(without(object, "a", "c")).toStrictEqual({ b: 2 });
  expect(object).toStrictEqual({ a: 1, b: 2, c: undefined });
});
