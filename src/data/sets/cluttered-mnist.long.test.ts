import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { DataError } from "#base/errors";
import { putTinyMnist } from "#testing/idx-files";
import { clutteredMnist } from "./cluttered-mnist.ts";
import type { ImageData } from "./dataset.ts";
import { mnist } from "./mnist.ts";

const EDGE = 56;

test("cluttered MNIST needs MNIST", () => {
  expect(clutteredMnist.find(undefined)).toMatchObject({ available: false, label: "cluttered MNIST" });
  expect(() => clutteredMnist.load(undefined)).toThrow(DataError);
});

describe("cluttered MNIST", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "cluttered-"));
  let data: ImageData;
  let digits: ImageData;
  beforeAll(() => {
    putTinyMnist(dataDir, { train: 40, test: 20 });
    data = clutteredMnist.load(dataDir);
    digits = mnist.load(dataDir);
  });
  afterAll(() => rmSync(dataDir, { recursive: true }));

  test("has MNIST's labels, and every digit whole somewhere in its image", () => {
    expect([data.label, data.synthetic, data.train.count, data.test.count]).toEqual([
      "cluttered MNIST, of MNIST (train tiny, test tiny)",
      false,
      40,
      20,
    ]);
    expect(data.test.labels).toEqual(digits.test.labels);
    for (let item = 0; item < 10; item++) {
      const image = data.test.pixels.subarray(item * EDGE * EDGE, (item + 1) * EDGE * EDGE);
      const digit = digits.test.pixels.subarray(item * 784, (item + 1) * 784);
      const covers = (top: number, left: number) =>
        digit.every((value, i) => image[(top + Math.floor(i / 28)) * EDGE + left + (i % 28)]! >= value);
      const places = Array.from({ length: 29 * 29 }, (_, i) => i).filter((i) => covers(Math.floor(i / 29), i % 29));
      expect(places.length).toBeGreaterThan(0);
      const ink = (pixels: Uint8Array) => pixels.reduce((sum, value) => sum + value, 0);
      expect(ink(image)).toBeGreaterThan(ink(digit)); // the pieces of others
    }
  });

  test("is the same when made again", async () => {
    vi.resetModules();
    const again = (await import("./cluttered-mnist.ts")).clutteredMnist.load(dataDir);
    expect(again === data).toBe(false);
    expect(Buffer.compare(again.test.pixels, data.test.pixels)).toBe(0);
  });
});
