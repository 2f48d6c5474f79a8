import { expect, test } from "vitest";
import { codeHash } from "./code-hash.ts";

test("kinds and engines have a hash of their own, the same whenever it is asked for", () => {
  const points = (["operator", "decode", "training"] as const).flatMap((kind) =>
    (["wasm", "webgpu", "tensorflow", "cpu"] as const).map((engine) => ({ kind, engine })),
  );
  const hashes = points.map((point) => codeHash(point));
  expect(new Set(hashes).size).toBe(points.length);
  expect(points.map((point) => codeHash(point))).toEqual(hashes);
});
