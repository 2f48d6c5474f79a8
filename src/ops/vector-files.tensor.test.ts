// Vector files that are sound in an unusual way, or that are not what they seem.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeOnEachEngine } from "#testing/engines";
import { operatorVectors } from "./operator-vectors.ts";
import { checkVectorFile } from "./vectors.ts";

const folder = mkdtempSync(join(tmpdir(), "vector-files-"));

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}
type Header = Readonly<Record<string, Entry>>;

const at = (shape: readonly number[], begin: number, end: number): Entry => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});
const one = [1, 1, 1, 1];
/** One token of the causal additive operator: its weight is 1, so out = q · v = 6. */
const tensors = {
  "in.q": at(one, 0, 4),
  "in.g": at(one, 4, 8),
  "in.v": at(one, 8, 12),
  out: at(one, 12, 16),
  cotangent: at(one, 16, 20),
};
const values = [2, 0.5, 3, 6, 1];

interface Given {
  readonly header?: Header;
  readonly data?: readonly number[];
  readonly op?: string;
  readonly params?: object;
  /** put before the header's last brace */
  readonly more?: string;
}

function write(
  name: string,
  { header = tensors, data = values, op = "additive", params = { causal: true }, more = "" }: Given,
) {
  const json = JSON.stringify({ __metadata__: { op, params: JSON.stringify(params) }, ...header });
  const text = `${json.slice(0, -1)}${more}}`;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  const path = join(folder, `${name.replaceAll(" ", "-")}.safetensors`);
  writeFileSync(path, Buffer.concat([length, Buffer.from(text), Buffer.from(Float32Array.from(data).buffer)]));
  return path;
}

const withoutG = Object.fromEntries(Object.entries(tensors).filter(([name]) => name !== "in.g"));
const twice = { ...tensors, "out.state": at(one, 20, 24) };

const SOUND: readonly (readonly [string, Given])[] = [
  ["as it is", {}],
  ["an empty tensor listed last", { header: { ...tensors, spare: at([0], 0, 0) } }],
  ["an empty tensor within", { header: { ...tensors, spare: at([0, 3], 8, 8) } }],
];

const empty = (shape: readonly number[], names: readonly string[]) => ({
  header: Object.fromEntries(names.map((name) => [name, at(shape, 0, 0)])),
  data: [],
});
const additiveNames = ["in.q", "in.g", "in.v", "out", "out.state", "out.lse", "cotangent", "grad.q"];

const REFUSED: readonly (readonly [string, Given, RegExp])[] = [
  [
    "an output misspelt",
    { header: { ...tensors, "out.sate": at(one, 20, 24) }, data: [...values, 9] },
    /`out\.sate` is no output of op additive.* out, state, lse/,
  ],
  [
    "an output that nobody forms",
    {
      op: "multiplicative",
      params: { scans: 2, decay: "constant" },
      header: {
        "in.q": at(one, 0, 4),
        "in.k": at(one, 4, 8),
        "in.v": at(one, 8, 12),
        "in.log_decay": at([1], 12, 16),
        out: at(one, 16, 20),
        cotangent: at(one, 20, 24),
        "out.state": at(one, 24, 28),
      },
      data: [2, 0.5, 3, -1, 6, 1, 9],
    },
    /nobody computes `out\.state`/,
  ],
  [
    "a tensor of no meaning",
    { header: { ...tensors, "gradient.q": at(one, 20, 24) }, data: [...values, 9] },
    /"gradient\.q" is nothing that is compared/,
  ],
  [
    "a gradient of no input",
    { header: { ...tensors, "grad.k": at(one, 20, 24) }, data: [...values, 9] },
    /`grad\.k` is the gradient of no input/,
  ],
  [
    "a param misspelt",
    { params: { casual: true } },
    /param "casual" is none of op additive, which takes causal, shape, prefix/,
  ],
  ["a param of another op", { params: { decay: "vector" } }, /param "decay" is none of op additive/],
  ["a param of the wrong type", { params: { causal: "yes" } }, /param "causal" is not right/],
  ["a prefix longer than N", { params: { causal: true, prefix: 7 } }, /prefix of 7 leaves none of N = 1/],
  [
    "a grid of other tokens",
    { params: { causal: true, shape: [3] } },
    /N = 1 tokens must be prefix \+ product of shape = 0 \+ 3/,
  ],
  [
    "an input missing",
    { header: { ...withoutG, "in.gate": tensors["in.g"] } },
    /`in\.g` is missing: op additive takes q, v, g/,
  ],
  [
    "an input of three axes",
    { header: { ...tensors, "in.g": at([1, 1, 1], 4, 8) } },
    /`in\.g` must be \[1,1,1,1\], got \[1,1,1\]/,
  ],
  [
    "a cotangent of one axis",
    { header: { ...tensors, cotangent: at([1], 16, 20) } },
    /`cotangent` must be \[1,1,1,1\], got \[1\]/,
  ],
  [
    "an integer input",
    { header: { ...tensors, "in.g": { ...tensors["in.g"], dtype: "I32" } } },
    /"in\.g" is I32; only F32 is read/,
  ],
  [
    "a name twice",
    { data: [...values, 9], more: `,"out":${JSON.stringify(at(one, 20, 24))}` },
    /the name "out" stands in it twice/,
  ],
  [
    "a name twice, spelt differently",
    { data: [...values, 9], more: `,"o\\u0075t":${JSON.stringify(at(one, 20, 24))}` },
    /the name "out" stands in it twice/,
  ],
  [
    "a state without its resumption",
    { header: { ...twice, "in.initial_state": at([1, 1, 2, 1], 24, 32) }, data: [...values, 9, 1, 1] },
    /`in\.initial_state` must be \[1,1,1,1\], got \[1,1,2,1\]/,
  ],
  [
    "no batch and many tokens",
    { op: "softmax", ...empty([0, 1, 1_000_000_000, 4], ["in.q", "in.k", "in.v", "out", "cotangent", "grad.q"]) },
    /`in\.q` must be \[B,H,N,D\] with sizes of at least 1/,
  ],
  ["no tokens", empty([1, 1, 0, 4], additiveNames), /`in\.q` must be .* at least 1, got \[1,1,0,4\]/],
  ["no heads and a huge batch", empty([2_147_483_648, 0, 5, 5], additiveNames), /`in\.q` must be .* at least 1/],
  [
    "axes in another order",
    {
      header: {
        ...tensors,
        "in.q": at([1, 1, 1, 2], 0, 8),
        "in.g": at(one, 8, 12),
        "in.v": at(one, 12, 16),
        out: at(one, 16, 20),
        cotangent: at(one, 20, 24),
      },
      data: [2, 2, 0.5, 3, 6, 1],
    },
    /`in\.g` must be \[1,1,1,2\], got \[1,1,1,1\]/,
  ],
  [
    "more tokens than can be checked",
    {
      header: {
        "in.q": at([1, 1, 20_000, 1], 0, 80_000),
        "in.g": at([1, 1, 20_000, 1], 80_000, 160_000),
        "in.v": at([1, 1, 20_000, 1], 160_000, 240_000),
        out: at([1, 1, 20_000, 1], 240_000, 320_000),
        cotangent: at([1, 1, 20_000, 1], 320_000, 400_000),
      },
      data: new Array<number>(100_000).fill(0),
    },
    /has 20000 tokens; files of at most 16384/,
  ],
];

await describeOnEachEngine("vector files", (engine) => {
  test.each(SOUND)("%s: passes", async (name, given) => {
    const results = await checkVectorFile(write(name, given), engine(), [operatorVectors]);
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.filter(({ errors }) => errors.length > 0).length).toBeGreaterThan(1);
  });

  test.each(REFUSED)("%s: refused, and named", async (name, given, reason) => {
    const results = await checkVectorFile(write(name, given), engine(), [operatorVectors]);
    expect(results.filter(({ ok }) => !ok).map((result) => result.reason)).toEqual([
      expect.stringMatching(reason) as string,
    ]);
  });
});
