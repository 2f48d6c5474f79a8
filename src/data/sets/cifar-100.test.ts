import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cifar100 } from "./cifar.ts";

let dataDir = "";
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "cifar-100-"));
  mkdirSync(join(dataDir, "cifar-100"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const record = (coarse: number, fine: number, value = 7) =>
  Buffer.concat([
    Buffer.of(coarse, fine),
    Buffer.alloc(1024, value),
    Buffer.alloc(1024, value + 1),
    Buffer.alloc(1024, value + 2),
  ]);

function put(name: string, content: Buffer): string {
  const path = join(dataDir, "cifar-100", name);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(content) : content);
  return path;
}

test("the fine label is the class, planes of colour become channels, and subsets are named", () => {
  put("train.first2.bin.gz", Buffer.concat([record(3, 42), record(19, 99)]));
  put("test.bin", record(0, 8, 50));
  const { label, train, test: held, classes } = cifar100.load(dataDir);
  expect(label).toBe("CIFAR-100 (train first2, test 1 of 10000)");
  expect([...train.labels]).toEqual([42, 99]);
  expect([classes.length, classes[42], classes[99]]).toEqual([100, "leopard", "worm"]);
  expect([...held.pixels.subarray(0, 4)]).toEqual([50, 51, 52, 50]);
  put("train.bin", record(1, 1));
  expect(cifar100.load(dataDir).train.count).toBe(1);
});

test("damage is named", () => {
  put("train.bin", record(1, 1));
  const path = put("test.bin", record(0, 0).subarray(0, 3000));
  expect(() => cifar100.load(dataDir)).toThrow(
    `${path}: truncated: records have 3074 bytes each, 3074 or more expected, found 3000`,
  );
  put("test.bin", record(20, 0));
  expect(() => cifar100.load(dataDir)).toThrow(/label 20 of record 0 is outside 0 to 19/);
  put("test.bin", record(0, 100));
  expect(() => cifar100.load(dataDir)).toThrow(/label 100 of record 0 is outside 0 to 99/);
  expect(cifar100.find(join(dataDir, "elsewhere"))).toMatchObject({ available: false });
});
