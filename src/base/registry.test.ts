import { expect, test } from "vitest";
import { UnknownNameError } from "./errors.ts";
import { canonicalJson, hashJson } from "./json.ts";
import { Registry } from "./registry.ts";

const colours = new Registry("colour", [{ id: "green" }, { id: "blue" }]);

test("known names are found, in the order declared", () => {
  expect(colours.get("blue")).toEqual({ id: "blue" });
  expect(colours.ids()).toEqual(["green", "blue"]);
});

test("an unknown name answers with the nearest and the list", () => {
  expect(() => colours.get("gren")).toThrow(UnknownNameError);
  expect(() => colours.get("gren")).toThrow('No colour is called "gren". Did you mean green? Known: green, blue.');
  expect(() => colours.get("xxxxxxxxxxxx")).toThrow('No colour is called "xxxxxxxxxxxx". Known: green, blue.');
});

test("two items of one name are refused", () => {
  expect(() => new Registry("colour", [{ id: "red" }, { id: "red" }])).toThrow(/Two colours are called "red"/);
});

test("hashes do not depend on the order of keys", () => {
  expect(canonicalJson({ b: 1, a: [2, "x"] })).toBe('{"a":[2,"x"],"b":1}');
  expect(hashJson({ a: 1, b: 2 })).toBe(hashJson({ b: 2, a: 1 }));
  expect(hashJson({ a: 1 })).not.toBe(hashJson({ a: 2 }));
  expect(() => canonicalJson({ a: Number.NaN })).toThrow();
});
