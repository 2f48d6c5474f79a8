import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DataError } from "#base/errors";
import { encodeSafetensors } from "#base/safetensors";
import { indexSafetensors, readBytes, readSafetensors } from "./safetensors.ts";

const folder = mkdtempSync(join(tmpdir(), "safetensors-"));
const tensors = new Map([
  ["a", { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  ["ß", { shape: [], data: Float32Array.of(-0.5) }],
  ["empty", { shape: [0, 4], data: new Float32Array(0) }],
]);

function stored(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test("what is written is read back", () => {
  const bytes = encodeSafetensors(tensors, { op: "additive" });
  expect(Number(bytes.readBigUInt64LE()) % 8).toBe(0);
  const file = readSafetensors(stored("whole", bytes));
  expect(file.metadata).toEqual({ op: "additive" });
  expect(file.tensors).toEqual(tensors);
});

test.each([
  ["four bytes", Buffer.alloc(4), /not a safetensors file/],
  ["a header longer than the file", Buffer.from([255, 255, 0, 0, 0, 0, 0, 0, 123]), /does not fit/],
  [
    "a header that is no JSON",
    Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("{x")]),
    /header is not valid/,
  ],
  ["truncated data", encodeSafetensors(tensors).subarray(0, -2), /claims bytes/],
  ["data nobody described", Buffer.concat([encodeSafetensors(tensors), Buffer.alloc(4)]), /its header describes/],
  [
    "a name that stands twice",
    Buffer.from(encodeSafetensors(tensors).toString("latin1").replace('"empty"', '"a"    '), "latin1"),
    /"a" stands in it twice/,
  ],
])("%s is refused by name", (name, bytes, message) => {
  const path = stored(name, bytes);
  expect(() => readSafetensors(path)).toThrow(DataError);
  expect(() => readSafetensors(path)).toThrow(message);
  expect(() => readSafetensors(path)).toThrow(path);
});

test("empty tensors take no room, wherever the header lists them", () => {
  const listedLast = encodeSafetensors([["x", { shape: [1], data: Float32Array.of(2) }]]).toString("latin1");
  const spare = '"s":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';
  const text = listedLast.slice(8).replace(/}} *(?=[^}]*$)/s, `},${spare}}`);
  const end = text.lastIndexOf("}") + 1;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(end));
  const file = readSafetensors(stored("spare", Buffer.concat([length, Buffer.from(text, "latin1")])));
  expect(file.tensors.get("x")?.data[0]).toBe(2);
  expect(file.tensors.get("s")).toEqual({ shape: [0], data: new Float32Array(0) });
});

test.skipIf(process.platform === "win32")("a pipe is refused, and not waited for", () => {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  expect(() => readSafetensors(path)).toThrow(/pipe: is no regular file/);
});

test("a missing file is refused by name", () => {
  expect(() => readSafetensors(join(folder, "nowhere"))).toThrow(/nowhere: does not exist/);
});

test("an index says where tensors lie, without reading them", () => {
  const path = stored("indexed", encodeSafetensors(tensors, { op: "additive" }));
  const { metadata, tensors: index } = indexSafetensors(path);
  expect(metadata).toEqual({ op: "additive" });
  expect(index.get("a")).toMatchObject({ dtype: "F32", shape: [2, 3] });
  const { position } = index.get("a")!;
  expect(readBytes(path, position + 8, 4).readFloatLE()).toBe(3);
  expect(() => readBytes(path, position, 1000)).toThrow(/truncated/);
  const half = encodeSafetensors(tensors).toString("latin1").replace('"F32"', '"F16"');
  expect(() => indexSafetensors(stored("half", Buffer.from(half, "latin1")))).toThrow(/is F16; F32, I32, I64 are read/);
});
