import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DataError } from "#base/errors";
import { convolutionsOf, INCEPTION, type Convolution } from "./layout.ts";
import { openInceptionWeights, readFolded, tensorsOf } from "./weights.ts";

const folder = mkdtempSync(join(tmpdir(), "inception-weights-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Entry = { dtype: string; shape: readonly number[] };
const ENTRIES = new Map(
  convolutionsOf(INCEPTION)
    .flatMap(tensorsOf)
    .map(({ name, shape }): [string, Entry] => [name, { dtype: "F32", shape }]),
);
const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

/** A file of zeros, sparse on the disk, with some values of some tensors. */
function fileOf(entries: ReadonlyMap<string, Entry>, values: Readonly<Record<string, readonly number[]>> = {}): string {
  let end = 0;
  const header = Object.fromEntries(
    [...entries].map(([name, { dtype, shape }]) => {
      const start = end;
      end += sizeOf(shape) * (dtype === "I64" ? 8 : 4);
      return [name, { dtype, shape, data_offsets: [start, end] as const }];
    }),
  );
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const path = join(folder, "weights.safetensors");
  const file = openSync(path, "w");
  ftruncateSync(file, 8 + text.length + end);
  writeSync(file, Buffer.concat([length, text]), 0, 8 + text.length, 0);
  for (const [name, numbers] of Object.entries(values)) {
    const bytes = Buffer.from(Float32Array.from(numbers).buffer);
    writeSync(file, bytes, 0, bytes.length, 8 + text.length + header[name]!.data_offsets[0]);
  }
  closeSync(file);
  return path;
}

const without = (name: string) => new Map([...ENTRIES].filter(([other]) => other !== name));
const FIRST: Convolution = convolutionsOf(INCEPTION)[0]!;

test("the network has the parameters of pytorch-fid's without its classifier", () => {
  expect(convolutionsOf(INCEPTION)).toHaveLength(94);
  // PyTorch counts 23 850 960 in all: these filters, two values a channel, and 1008 × 2049 in the classifier
  const filters = convolutionsOf(INCEPTION).map(({ from, to, kernel: [rows, columns] }) => from * to * rows * columns);
  const channels = convolutionsOf(INCEPTION).map(({ to }) => to);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  expect([sum(filters), sum(channels)]).toEqual([21_751_136, 17_216]);
  expect(sum(filters) + 2 * sum(channels) + 1008 * 2049).toBe(23_850_960);
});

describe("a file of weights", () => {
  test("may hold more than is read", () => {
    const more = new Map([
      ...ENTRIES,
      ["fc.weight", { dtype: "F32", shape: [1008, 2048] }],
      ["Conv2d_1a_3x3.bn.num_batches_tracked", { dtype: "I64", shape: [] }],
    ]);
    expect(openInceptionWeights(fileOf(more)).tensors.size).toBe(ENTRIES.size + 2);
  });

  test.each([
    [
      "lacks a tensor",
      without("Mixed_6c.branch7x7_2.bn.bias"),
      /"Mixed_6c.branch7x7_2.bn.bias" must be F32 \[160\], found none/,
    ],
    [
      "has another shape",
      new Map([...ENTRIES, ["Mixed_6b.branch7x7_2.conv.weight", { dtype: "F32", shape: [128, 128, 7, 1] }]]),
      /"Mixed_6b.branch7x7_2.conv.weight" must be F32 \[128, 128, 1, 7\], found F32 \[128, 128, 7, 1\]/,
    ],
    [
      "has integers",
      new Map([...ENTRIES, ["Mixed_7c.branch1x1.bn.bias", { dtype: "I32", shape: [320] }]]),
      /"Mixed_7c.branch1x1.bn.bias" must be F32 \[320\], found I32 \[320\]/,
    ],
    [
      "has half floats",
      new Map([...ENTRIES, ["Mixed_7c.branch1x1.bn.bias", { dtype: "F16", shape: [640] }]]),
      /"Mixed_7c.branch1x1.bn.bias" is F16/,
    ],
  ])("that %s is refused by the tensor's name, before any is read", (_what, entries, message) => {
    const path = fileOf(entries);
    expect(() => openInceptionWeights(path)).toThrow(DataError);
    expect(() => openInceptionWeights(path)).toThrow(message);
  });

  test("a value that is no number and a negative variance are named when they are read", () => {
    const nan = openInceptionWeights(fileOf(ENTRIES, { "Conv2d_1a_3x3.conv.weight": [0, Number.NaN] }));
    expect(() => readFolded(nan, FIRST)).toThrow(/"Conv2d_1a_3x3.conv.weight" holds NaN at place 1/);
    const negative = openInceptionWeights(fileOf(ENTRIES, { "Conv2d_1a_3x3.bn.running_var": [1, -1] }));
    expect(() => readFolded(negative, FIRST)).toThrow(/"Conv2d_1a_3x3.bn.running_var" holds a negative variance/);
  });
});

test("a batch norm is folded in by hand: scale 2/√(0.999 + 0.001), bias 5 − 2·3", () => {
  const file = openInceptionWeights(
    fileOf(ENTRIES, {
      // output 0 of [32, 3, 3, 3]: channel 0 holds 1 … 9, channel 1 begins with 10
      "Conv2d_1a_3x3.conv.weight": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      "Conv2d_1a_3x3.bn.weight": [2],
      "Conv2d_1a_3x3.bn.bias": [5],
      "Conv2d_1a_3x3.bn.running_mean": [3],
      "Conv2d_1a_3x3.bn.running_var": [0.999],
    }),
  );
  const { filter, bias } = readFolded(file, FIRST);
  const at = (row: number, column: number, channel: number) => filter[((row * 3 + column) * 3 + channel) * 32]!;
  for (const [found, expected] of [
    [at(0, 0, 0), 2],
    [at(1, 2, 0), 12],
    [at(2, 2, 0), 18],
    [at(0, 0, 1), 20],
    [bias[0]!, -1],
  ] as const)
    expect(found).toBeCloseTo(expected, 5);
  expect([filter[1], bias[1]]).toEqual([0, 0]);
});
