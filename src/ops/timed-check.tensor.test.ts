import { beforeAll, describe, expect, test } from "vitest";
import { Random } from "#base/random";
import type { OperatorSpec, Pass, Shape } from "#case/case";
import { gridOf, shapeOf } from "#case/shape";
import type { RunningEngine } from "#engine/engine";
import { startEngine } from "#engine/registry";
import * as tf from "#engine/tf";
import type { InputName, Inputs } from "./operator.ts";
import { operators } from "./registry.ts";
import { randomInputs, toTensors } from "./random-inputs.ts";
import { softmaxRows } from "./softmax/reference-rows.ts";
import { keepTimed, type CheckedForm } from "./timed-check.ts";
import { partsOf } from "./timed-parts.ts";

const LONG = shapeOf({ grid: [4096], H: 2, D: 32 }); // more than is compared whole

const VERY_LONG = shapeOf({ grid: [16_384], H: 1, D: 64 }); // four channels of it are compared

type Named = Record<string, tf.Tensor>;

let engine: RunningEngine;
beforeAll(async () => {
  engine = await startEngine("wasm");
});

function formOf(spec: OperatorSpec, shape: Shape, pass: Pass = "forward"): CheckedForm {
  return { operator: operators.get(spec.op), spec, shape, pass, precision: "float32", kind: "cpu" };
}

function inputsOf({ operator, spec, shape }: CheckedForm, seed = 1): Inputs<tf.Tensor> {
  const values = randomInputs(operator, spec, { shape, random: new Random(seed) });
  return toTensors(values, operator.inputShapes(spec, shape));
}

async function computed(form: CheckedForm, inputs: Inputs<tf.Tensor>, cotangent: tf.Tensor): Promise<Named> {
  const { spec, shape, pass } = form;
  const { strategies, choose } = await form.operator.load();
  const strategy = strategies.find(({ id }) => id === choose(spec, shape, engine))!;
  if (pass === "forward") return { out: tf.tidy(() => strategy.run(inputs, spec, shape, engine).out) };
  const names = Object.keys(inputs) as InputName[];
  const run = (...tensors: tf.Tensor[]) =>
    strategy.run(Object.fromEntries(names.map((name, i) => [name, tensors[i]!])), spec, shape, engine).out;
  const gradients = tf.grads(run)(
    names.map((name) => inputs[name]!),
    cotangent,
  );
  return Object.fromEntries(names.map((name, i) => [name, gradients[i]!]));
}

/** Checks what a contender gave, changed on the way; resolves when it passes. */
async function check(
  form: CheckedForm,
  change: (given: Named, inputs: Inputs<tf.Tensor>) => Named | Promise<Named> = (given) => given,
  seed = 3,
): Promise<void> {
  const { B, H, N, E } = form.shape;
  const inputs = inputsOf(form);
  const cotangent = tf.tensor(new Random(2).normals(B * H * N * E), [B, H, N, E]);
  const given = await change(await computed(form, inputs, cotangent), inputs);
  const compare = await keepTimed(form, { given }, new Random(seed));
  await compare({ inputs, cotangent });
  tf.dispose([given, inputs, cotangent]);
}

const causal: OperatorSpec = { op: "additive", causal: true };
const softmax: OperatorSpec = { op: "softmax", causal: true };
const twoScans = (layout?: "head-split"): OperatorSpec => ({
  op: "multiplicative",
  causal: false,
  decay: "vector",
  scans: 2,
  ...(layout === undefined ? {} : { layout }),
});

describe("what is right passes", () => {
  const grid = gridOf(4096, 2);
  test.each<readonly [string, OperatorSpec, Shape, Pass]>([
    ["short, whole", causal, shapeOf({ grid: [70], H: 2, D: 8 }), "forward"],
    ["short, whole, gradients", causal, shapeOf({ grid: [70], H: 2, D: 8 }), "forward+backward"],
    ["long", causal, LONG, "forward"],
    ["long, gradients", causal, LONG, "forward+backward"],
    ["global", { op: "additive", causal: false }, LONG, "forward+backward"],
    ["two scans", twoScans(), shapeOf({ grid, H: 2, D: 32 }), "forward"],
    ["two scans, gradients", twoScans(), shapeOf({ grid, H: 2, D: 32 }), "forward+backward"],
    ["heads divided over directions", twoScans("head-split"), shapeOf({ grid, H: 2, D: 32 }), "forward+backward"],
    ["tied keys", { ...twoScans(), tiedKey: true }, shapeOf({ grid, H: 2, D: 32 }), "forward+backward"],
    ["decay per head", { ...twoScans(), decay: "constant" }, shapeOf({ grid, H: 2, D: 32 }), "forward+backward"],
    ["decay per token", { ...twoScans(), decay: "scalar" }, shapeOf({ grid, H: 2, D: 32 }), "forward+backward"],
    ["softmax, rows", softmax, shapeOf({ grid: [1024], H: 2, D: 32 }), "forward"],
    [
      "softmax, gradients",
      { op: "softmax", causal: false },
      shapeOf({ grid: [1024], H: 2, D: 32 }),
      "forward+backward",
    ],
    ["efficient attention", { op: "efficient-attention", causal: false }, LONG, "forward+backward"],
    ["product", { op: "matmul", causal: false }, LONG, "forward"],
    ["product, gradients", { op: "matmul", causal: false }, LONG, "forward+backward"],
  ])("%s", async (_name, spec, shape, pass) => {
    await expect(check(formOf(spec, shape, pass))).resolves.toBeUndefined();
  });
});

describe("at 16 384 tokens, of which four channels are compared", () => {
  const forms: [string, OperatorSpec][] = [
    ["order-free", { op: "additive", causal: false }],
    ["causal", causal],
    ["causal, without decay", { op: "multiplicative", causal: true, decay: "none" }],
  ];

  test.each(forms)("float32 sums pass, whatever part is chosen: %s", async (_name, spec) => {
    for (const seed of [3, 4]) await expect(check(formOf(spec, VERY_LONG), undefined, seed)).resolves.toBeUndefined();
  });

  test.each(forms)("a token that is left out of the sum is refused: %s", async (_name, spec) => {
    const form = formOf(spec, VERY_LONG);
    const forgetful = async (given: Named, inputs: Inputs<tf.Tensor>): Promise<Named> => {
      const forgotten = 100 * VERY_LONG.E;
      const v = await values(inputs.v!, (value, i) => (i >= forgotten && i < forgotten + VERY_LONG.E ? 0 : value));
      tf.dispose(given);
      const wrong = await computed(form, { ...inputs, v }, v);
      v.dispose();
      return wrong;
    };
    await expect(check(form, forgetful)).rejects.toThrow(/out is off by/);
  });
});

const values = async (tensor: tf.Tensor, map: (value: number, i: number, all: Float32Array) => number) => {
  const data = (await tensor.data()) as Float32Array;
  return tf.tensor(data.map(map), tensor.shape);
};
/** With the eleven binary digits of float16. */
const rounded = (x: tf.Tensor) =>
  values(x, (value) => {
    const step = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 10);
    return value === 0 ? 0 : Math.round(value / step) * step;
  });

/** Contenders that are wrong on purpose. */
describe.each<readonly [string, OperatorSpec, Shape]>([
  ["additive", causal, LONG],
  ["softmax", softmax, shapeOf({ grid: [1024], H: 2, D: 32 })],
])("refused of %s:", (_id, spec, shape) => {
  const form = formOf(spec, shape);
  const { N, E } = shape;
  const tokenOf = (i: number) => Math.floor(i / E) % N;
  const output = (change: (out: tf.Tensor, inputs: Inputs<tf.Tensor>) => Promise<tf.Tensor>) =>
    check(form, async ({ out }, inputs) => ({ out: await change(out!, inputs) }));

  test.each<readonly [string, (out: tf.Tensor, inputs: Inputs<tf.Tensor>) => Promise<tf.Tensor>]>([
    ["zeros", (out) => values(out, () => 0)],
    ["the output of the first call again", async () => (await computed(form, inputsOf(form, 9), tf.scalar(0)))["out"]!],
    ["late rows of another token", (out) => values(out, (x, i, all) => (tokenOf(i) > N - 8 ? all[i - E]! : x))],
    ["a head left out", (out) => values(out, (x, i) => (i >= N * E ? 0 : x))],
    ["no number in the last row", (out) => values(out, (x, i) => (tokenOf(i) === N - 1 ? NaN : x))],
    ["float16 inside", rounded],
  ])("%s", async (_name, change) => {
    await expect(output(change)).rejects.toThrow(/in a timed call.*out is off by .* at .*token/);
  });
});

test.each<readonly [string, string]>([
  ["q", "gradients of the queries"],
  ["g", "gradients of the logits"],
  ["v", "gradients of the values"],
])("refused: right in all but grad.%s", async (name) => {
  const form = formOf(causal, LONG, "forward+backward");
  const wrong = check(form, async (given) => ({ ...given, [name]: await values(given[name]!, (x) => 0.99 * x) }));
  await expect(wrong).rejects.toThrow(`grad.${name} is off by`);
});

test("refused: a head left out, where numbers are stored as float16", async () => {
  const form = { ...formOf(causal, LONG), precision: "float16" as const };
  await expect(check(form, async ({ out }) => ({ out: await rounded(out!) }))).resolves.toBeUndefined();
  const { N, E } = LONG;
  const skipping = check(form, async ({ out }) => ({ out: await values(out!, (x, i) => (i >= N * E ? 0 : x)) }));
  await expect(skipping).rejects.toThrow("out is off by");
});

test("some rows of softmax are those of the whole, forward and backward", () => {
  const shape = shapeOf({ grid: [9], B: 2, H: 2, D: 3, E: 4 });
  const { reference } = operators.get("softmax");
  for (const isCausal of [true, false]) {
    const spec: OperatorSpec = { op: "softmax", causal: isCausal };
    const random = new Random(4);
    const inputs = Object.fromEntries(
      Object.entries(randomInputs(operators.get("softmax"), spec, { shape, random })).map(([name, data]) => [
        name,
        Float64Array.from(data),
      ]),
    ) as Inputs<Float64Array>;
    const cotangent = Float64Array.from(random.normals(2 * 2 * 9 * 4));
    const { out } = reference.forward(inputs, spec, shape);
    const { q } = reference.backward(inputs, spec, shape, cotangent);
    const rows = [0, 4, 8];
    const some = softmaxRows(inputs, { spec, shape, rows }, cotangent);
    const of = (whole: Float64Array, width: number) =>
      [0, 1, 2, 3].flatMap((head) =>
        rows.flatMap((t) => [...whole.subarray((head * 9 + t) * width, (head * 9 + t + 1) * width)]),
      );
    of(out, 4).forEach((value, i) => expect(some.out[i]).toBeCloseTo(value, 12));
    of(q!, 3).forEach((value, i) => expect(some.q[i]).toBeCloseTo(value, 12));
  }
});

test("whatever the length, a part stays affordable, and every head is looked at where that is", () => {
  for (const N of [64, 4096, 65536]) {
    const parts = partsOf(formOf(causal, shapeOf({ grid: [N], H: 8 }), "forward+backward"), new Random(1));
    for (const { windows } of parts) {
      const { H, D, E } = windows;
      expect(N * H.size * D.size * E.size).toBeLessThanOrEqual(2 ** 25);
    }
    expect(parts.flatMap(({ names }) => names).sort()).toEqual(["g", "q", "v"]);
    if (N === 64) expect(parts.every(({ windows }) => windows.H.size === 8)).toBe(true);
  }
});

test.each<readonly [string, OperatorSpec]>([
  ["additive", causal],
  ["softmax", softmax],
  ["decay per head", { op: "multiplicative", causal: true, decay: "constant" }],
])("of decoding with %s the last token's output is compared", async (_name, spec) => {
  const form = formOf(spec, LONG);
  const inputs = inputsOf(form);
  const { out } = await computed(form, inputs, tf.scalar(0));
  const { H, N, E } = LONG;
  const tokenOut = (token: number) => tf.slice(out!, [0, 0, token, 0], [1, H, 1, E]);
  const compare = async (token: number) => {
    const given = { out: tokenOut(token) };
    const kept = await keepTimed({ ...form, lastOnly: true }, { given }, new Random(1));
    await kept({ inputs, cotangent: out! });
  };
  await expect(compare(N - 1)).resolves.toBeUndefined();
  await expect(compare(N - 2)).rejects.toThrow(/out is off by .* tokens 4095/);
});
