import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataError } from "#base/errors";
import { latentFile, type StoredLatents } from "#testing/latent-files";
import { latentFolderDataset } from "./latent-folder.ts";

const dataset = latentFolderDataset({
  id: "tiny-latents",
  title: "tiny latents",
  provenance: "this test",
  licence: "MIT",
  byHand: "nobody publishes them",
  classes: ["a", "b", "c"],
  stored: [2, 1, 3],
  counts: { train: 5, val: 1 },
});

let dataDir = "";
beforeEach(() => void (dataDir = mkdtempSync(join(tmpdir(), "latents-"))));
afterEach(() => rmSync(dataDir, { recursive: true }));

/** Latents 2×1×3 unless the shape says otherwise. */
type Stored = Partial<StoredLatents>;

function put(split: string, name: string, stored: Stored): string {
  mkdirSync(join(dataDir, "tiny-latents", split), { recursive: true });
  const path = join(dataDir, "tiny-latents", split, name);
  writeFileSync(path, latentFile({ shape: [stored.labels?.length ?? 0, 2, 1, 3], ...stored }));
  return path;
}

const counted = (count: number, from: number) => Array.from({ length: count * 6 }, (_, i) => from + i);

test("latents of several files in the order of their names, channels last, read when asked for", () => {
  put("train", "1.safetensors", { latents: counted(2, 100), labels: [2, 0], labelType: "I32" });
  put("train", "0.safetensors", { latents: counted(3, 0), labels: [0, 1, 2] });
  put("val", "0.safetensors", { latents: counted(1, 500), labels: [1] });
  expect(dataset.find(dataDir)).toEqual({ available: true, label: "tiny latents" });
  expect(dataset.latentShape).toEqual([1, 3, 2]);
  const { train, test: scored, label } = dataset.load(dataDir);
  expect(label).toBe("tiny latents");
  expect([train.count, ...train.labels, scored.count]).toEqual([5, 0, 1, 2, 2, 0, 1]);
  // stored: first channel 100 101 102, second 103 104 105
  expect([...train.values([3, 0])]).toEqual([100, 103, 101, 104, 102, 105, 0, 3, 1, 4, 2, 5]);
  expect([...scored.values([0])]).toEqual([500, 503, 501, 504, 502, 505]);
});

test("a part of the whole is named in the label", () => {
  put("train", "0.safetensors", { latents: counted(1, 0), labels: [0] });
  put("val", "0.safetensors", { latents: counted(1, 0), labels: [0] });
  expect(dataset.load(dataDir).label).toBe("tiny latents (1 train, 1 val)");
});

test("what is missing is said before anything is read", () => {
  expect(dataset.find(undefined)).toMatchObject({ available: false });
  put("train", "0.safetensors", { latents: counted(1, 0), labels: [0] });
  expect(dataset.find(dataDir)).toMatchObject({
    available: false,
    reason: expect.stringMatching(/^no \.safetensors in val/) as string,
  });
  expect(() => dataset.load(dataDir)).toThrow(DataError);
});

test.each<[string, Stored, RegExp]>([
  [
    "latents of another shape",
    { latents: counted(1, 0), labels: [0], shape: [1, 3, 1, 2] },
    /must be F32 \[n, 2, 1, 3\], found F32 \[1, 3, 1, 2\]/,
  ],
  [
    "labels for another number of latents",
    { latents: counted(2, 0), labels: [0], shape: [2, 2, 1, 3] },
    /must be I64 or I32 \[2\]/,
  ],
  ["labels as floats", { latents: counted(1, 0), labels: [0], labelType: "F32" }, /must be I64 or I32/],
  ["a class that does not exist", { latents: counted(1, 0), labels: [3] }, /label 3 of latent 0 is outside 0 to 2/],
  [
    "a shape that claims more than the file holds",
    { latents: counted(1, 0), labels: [0], shape: [1e9, 2, 1, 3] },
    /claims bytes/,
  ],
  ["no latents at all", {}, /hold no latents/],
])("%s: refused by name", (_, stored, message) => {
  put("train", "0.safetensors", stored);
  put("val", "0.safetensors", { latents: counted(1, 0), labels: [0] });
  expect(() => dataset.load(dataDir)).toThrow(DataError);
  expect(() => dataset.load(dataDir)).toThrow(message);
});

test("a latent that is no number is refused when it is read", () => {
  const path = put("train", "0.safetensors", {
    latents: [...counted(1, 0), 1, 2, Number.NaN, 4, 5, 6],
    labels: [0, 1],
  });
  put("val", "0.safetensors", { latents: counted(1, 0), labels: [0] });
  const { train } = dataset.load(dataDir);
  expect([...train.values([0])]).toHaveLength(6);
  expect(() => train.values([1])).toThrow(`${path}: latent 1 holds NaN`);
});

test("a check reads every latent, and names parts and damage", async () => {
  put("train", "0.safetensors", { latents: counted(2, 0), labels: [0, 1] });
  put("val", "0.safetensors", { latents: counted(1, 0), labels: [2] });
  const verdicts = async () =>
    (await dataset.source!.check(dataDir)).map(({ path, verdict, detail }) => [path, verdict, detail]);
  expect(await verdicts()).toEqual([
    ["tiny-latents/train", "subset", "2 latents are sound; the complete split has 5"],
    ["tiny-latents/val", "ok", "1 latents are sound"],
  ]);
  put("val", "0.safetensors", { latents: [1, 2, 3, 4, 5, Infinity], labels: [2] });
  expect(await verdicts()).toEqual([
    ["tiny-latents/train", "subset", "2 latents are sound; the complete split has 5"],
    ["tiny-latents/val", "damaged", expect.stringContaining("latent 0 holds Infinity") as string],
  ]);
});
