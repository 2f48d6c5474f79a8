import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { encodeSafetensors } from "#base/safetensors";
import { ownVectors } from "#testing/vector-files";
import { checkReference, specOfVector } from "./operator-vectors.ts";
import { readVector } from "./vectors.ts";

const PREFIXES = ["additive", "softmax", "decay"];

test.each(ownVectors(...PREFIXES).map((path) => [basename(path), path] as const))(
  "the reference reproduces %s to the rounding of the file",
  (_file, path) => {
    const result = checkReference(readVector(path));
    expect(result.errors.filter(({ error, tolerance }) => error > tolerance)).toEqual([]);
    expect(result.errors.length).toBeGreaterThan(3);
  },
);

test("spec and shape of a vector come from its params and tensors", () => {
  const [path] = ownVectors("additive-causal-resumed");
  expect(specOfVector(readVector(path!))).toEqual({
    spec: { op: "additive", causal: true },
    shape: { B: 2, H: 2, N: 70, D: 16, E: 24, grid: [70], prefix: 0 },
  });
});

const scalar = { shape: [1], data: Float32Array.of(1) };

function write(metadata: Record<string, string>, names: readonly string[]): string {
  const path = join(mkdtempSync(join(tmpdir(), "vectors-")), "file.safetensors");
  writeFileSync(
    path,
    encodeSafetensors(
      names.map((name) => [name, scalar] as const),
      metadata,
    ),
  );
  return path;
}

test.each([
  [{}, ["out", "cotangent"], "names no `op`"],
  [{ op: "additive" }, ["out"], "`out` or `cotangent` is missing"],
  [{ op: "additive", params: "[1]" }, ["out", "cotangent"], "not a JSON object"],
  [{ op: "additive", params: "{" }, ["out", "cotangent"], "not a JSON object"],
] as const)("a file that is no vector is refused: %o %o", (metadata, names, message) => {
  expect(() => readVector(write(metadata, names))).toThrow(message);
});

test("params and tensors that describe no operator are refused", () => {
  expect(() =>
    specOfVector(readVector(write({ op: "additive", params: '{"causal":"yes"}' }, ["out", "cotangent"]))),
  ).toThrow('"causal"');
  expect(() => specOfVector(readVector(write({ op: "additive" }, ["out", "cotangent"])))).toThrow("[B,H,N,D]");
});
