import { expect, test } from "vitest";
import { wordOf } from "./facets.ts";

test("a data set is named by its title; one that this version does not know by what the records call it", () => {
  expect(wordOf("dataset", "mnist")).toBe("MNIST");
  expect(wordOf("dataset", "my-own-set")).toBe("my-own-set");
});
