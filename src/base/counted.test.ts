import { expect, test } from "vitest";
import { counted } from "./counted.ts";

test("one is singular, all other numbers are plural", () => {
  expect([0, 1, 2].map((count) => counted(count, "case"))).toEqual(["0 cases", "1 case", "2 cases"]);
  expect([1, 2].map((count) => counted(count, "process", "processes"))).toEqual(["1 process", "2 processes"]);
});
