import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ENGINE_IDS } from "#case/case";
import { packageRoot } from "#host/package";
import { codeHash, hashedModules } from "./code-hash.ts";

const KINDS = ["operator", "decode", "training"] as const;
const SOURCE = join(packageRoot(), "src");

test("kinds and engines have a hash of their own, the same whenever it is asked for", () => {
  const points = KINDS.flatMap((kind) => ENGINE_IDS.map((engine) => ({ kind, engine })));
  const hashes = points.map((point) => codeHash(point));
  expect(new Set(hashes).size).toBe(points.length);
  expect(points.map((point) => codeHash(point))).toEqual(hashes);
});

/** The kinds whose hash is another one after an edit of a file of src/. */
function changedBy(file: string, edit: (text: string) => string): string[] {
  const root = join(mkdtempSync(join(tmpdir(), "code-hash-")), "src");
  cpSync(SOURCE, root, { recursive: true, filter: (path) => !path.includes("testing") && !path.endsWith(".test.ts") });
  writeFileSync(join(root, file), edit(readFileSync(join(root, file), "utf8")));
  const isChanged = (kind: (typeof KINDS)[number]) =>
    codeHash({ kind, engine: "wasm" }, root) !== codeHash({ kind, engine: "wasm" });
  return KINDS.filter(isChanged);
}

const addCode = (text: string) => `${text}\nexport const edited = 1;\n`;

test.each([
  ["base/random.ts", ["operator", "decode", "training"]],
  ["ops/heads.ts", ["operator", "decode", "training"]],
  ["runner/sampling.ts", ["operator", "decode"]],
  ["measure/sampler.ts", ["operator", "decode"]],
  ["runner/workloads/decode.ts", ["decode"]],
  ["training/adamw.ts", ["training"]],
  ["data/batches.ts", ["training"]],
  ["models/layers.ts", ["operator", "training"]],
  ["engine/wasm/fused.ts", ["operator", "decode", "training"]],
  ["engine/webgpu/attention.ts", []],
  ["base/errors.ts", []],
  ["store/record.ts", []],
  ["catalogue/contenders.ts", []],
  ["report/build.ts", []],
])("code in %s changes the hash of %j", (file, kinds) => {
  expect(changedBy(file, addCode)).toEqual(kinds);
});

test("a comment and the address of a download change no hash", () => {
  expect(changedBy("ops/heads.ts", (text) => `${text}\n// a comment\n`)).toEqual([]);
  expect(changedBy("data/sets/mnist.ts", (text) => text.replaceAll("https://", "https://mirror."))).toEqual([]);
});

test("the versions of the libraries that compute are part of it", () => {
  for (const kind of KINDS)
    expect(hashedModules(kind, "wasm").packages).toEqual(
      expect.arrayContaining(["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm", "pure-rand"]),
    );
  expect(hashedModules("operator", "webgpu").packages).toContain("@tensorflow/tfjs-backend-webgpu");
  expect(hashedModules("operator", "wasm").packages).not.toContain("@tensorflow/tfjs-backend-webgpu");
});
