import { expect, test } from "vitest";
import { defined } from "./defined.ts";

test("fields that are undefined are left out, others are kept as they are", () => {
  const made = defined({ a: 1, b: undefined, c: null, d: false, e: "" });
  expect(made).toStrictEqual({ a: 1, c: null, d: false, e: "" });
});
