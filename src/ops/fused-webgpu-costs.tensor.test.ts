// Models of what operators cost on engine webgpu, held against the programs that a call really queues: their number, the bytes of their
// buffers, their workgroups, and the multiply-adds and exponentials that our own count while they run.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { contenders } from "#catalogue/contenders";
import type { Pass, Precision, Shape } from "#case/case";
import { shapeOf } from "#case/shape";
import type { RunningEngine } from "#engine/engine";
import { engineAvailability, startEngine } from "#engine/registry";
import * as tf from "#engine/tf";
import type { WebGpuBackend } from "#engine/webgpu/backend";
import { countPasses, type CountedPass } from "#engine/webgpu/costs/count";
import type { PassCost } from "#engine/webgpu/costs/pass";
import { toHalfInputs } from "./half.ts";
import type { Inputs } from "./operator.ts";
import { operators } from "./registry.ts";
import { webgpuPasses } from "./webgpu-passes.ts";

const SEGMENT = 32;
/** Odd lengths, widths on both sides of a tile, several batches and segments; halves need widths that are multiples of 4. */
const ODD = shapeOf({ grid: [5, 14], B: 2, H: 2, D: 20, E: 13 });
const HALVES = shapeOf({ grid: [70], B: 1, H: 3, D: 20, E: 12 });
const WIDE = shapeOf({ grid: [101], B: 1, H: 2, D: 68, E: 72 });
/** Divided products and one segment. */
const LONG = shapeOf({ grid: [600], B: 1, H: 1, D: 6, E: 10 });
const SHORT = shapeOf({ grid: [9], B: 1, H: 2, D: 6, E: 5 });

interface Call {
  readonly contender: string;
  readonly shape: Shape;
  readonly precision: Precision;
  readonly pass: Pass;
}

function both(contender: string, shape: Shape, precision: Precision = "float32"): Call {
  return { contender, shape, precision, pass: "forward+backward" };
}

function forwardOnly(contender: string, shape: Shape): Call {
  return { contender, shape, precision: "float32", pass: "forward" };
}

const CALLS: readonly Call[] = [
  both("additive-global", ODD),
  both("additive-global", LONG),
  both("additive-global", HALVES, "float16"),
  forwardOnly("additive-global", WIDE),
  both("additive-causal", ODD),
  both("additive-causal", HALVES, "float16"),
  both("linear-global", ODD),
  both("linear-global", SHORT),
  both("vector-causal", HALVES, "float16"),
  both("vector-causal", SHORT),
  both("scalar-causal", ODD),
  both("constant-2scan", ODD),
  both("tied-2scan", ODD),
  both("vector-2scan-head-split", ODD),
  forwardOnly("vector-4scan", ODD),
  forwardOnly("vector-2scan-alternate", ODD),
  both("vector-2scan-fused-joint", ODD),
  both("softmax-full", ODD),
  both("softmax-causal", HALVES, "float16"),
  forwardOnly("softmax-full", WIDE),
];

const availability = await engineAvailability("webgpu");
const required = (process.env["REQUIRE_ENGINES"] ?? "").split(",").includes("webgpu");
const title = availability.available ? "costs on webgpu" : `costs on webgpu: ${availability.reason}`;

describe.skipIf(!availability.available && !required)(title, () => {
  let engine: RunningEngine;
  let backend: WebGpuBackend;

  beforeAll(async () => {
    process.env["LIGHTNET_BENCH_SEGMENT"] = String(SEGMENT);
    engine = await startEngine("webgpu");
    backend = tf.backend() as unknown as WebGpuBackend;
  });

  afterAll(async () => {
    delete process.env["LIGHTNET_BENCH_SEGMENT"];
    await engine.stop();
  });

  // An emulated GPU compiles for seconds where a GPU takes milliseconds.
  test.each(CALLS)("$contender, D $shape.D, N $shape.N, $precision, $pass", { timeout: 900_000 }, async (one) => {
    const { contender, shape, precision, pass } = one;
    const { spec, strategy: wanted } = contenders.get(contender);
    const operator = operators.get(spec.op);
    const { strategies, choose } = await operator.load();
    const name = wanted === "default" ? choose(spec, shape, engine) : wanted;
    const strategy = strategies.find(({ id }) => id === name)!;
    const given = inputsFor(operator.inputShapes(spec, shape));
    const cotangent = tf.ones([shape.B, shape.H, shape.N, shape.E]);
    const kernels = engine.kernels.half!;
    const forward = (inputs: Inputs<tf.Tensor>) => strategy.run(inputs, spec, shape, engine).out;
    const stored = precision === "float16" ? toHalfInputs(given, kernels) : given;
    const ofOut = precision === "float16" ? kernels.toHalves(cotangent) : cotangent;
    const before = tf.memory().numTensors;

    const call = () => {
      if (precision === "float16") {
        const { backward } = strategy.half!.run(stored, spec, shape, kernels);
        if (pass === "forward+backward") backward(ofOut);
      } else if (pass === "forward") forward(given);
      else gradients(forward, given, ofOut);
    };
    const counted = await countPasses(backend, () => tf.tidy(call));

    const division = { leastTokens: SEGMENT, sharedBytes: backend.device.limits.maxComputeWorkgroupStorageSize };
    const modelled = webgpuPasses({ spec, strategy: wanted, level: "operator", pass, precision, shape }, division)!;
    expect(modelled.map(lineOfModel)).toEqual(counted.map((seen, i) => lineOfCount(seen, modelled[i]?.name)));
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([given, stored, cotangent, ofOut] as tf.TensorContainer);
  });

  /** Logits that fall from token to token, so that maxima move in the first slice of a part alone, as the model says. */
  function inputsFor(shapes: { readonly [name: string]: readonly number[] | undefined }): Inputs<tf.Tensor> {
    const random = new Random(7);
    const values = (name: string, size: number, N: number, width: number) =>
      Float32Array.from(random.normals(size), (x, i) =>
        name === "g" ? -(Math.floor(i / width) % N) : name === "logDecay" ? -0.1 * Math.abs(x) : x,
      );
    return Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => {
        const size = shape!.reduce((a, b) => a * b, 1);
        return [name, tf.tensor(values(name, size, shape!.at(-2)!, shape!.at(-1)!), [...shape!])];
      }),
    );
  }

  function gradients(
    run: (inputs: Inputs<tf.Tensor>) => tf.Tensor,
    given: Inputs<tf.Tensor>,
    cotangent: tf.Tensor,
  ): void {
    const names = Object.keys(given);
    const named = (tensors: tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
    tf.grads((...tensors: tf.Tensor[]) => run(named(tensors)))(Object.values(given), cotangent);
  }
});

test("what has no model says so", () => {
  const shape = SHORT;
  const call = { strategy: "default", level: "operator", pass: "forward", precision: "float32", shape } as const;
  const passesOf = (id: string) => webgpuPasses({ ...call, spec: contenders.get(id).spec });
  expect(passesOf("efficient-attention")).toBeUndefined();
  expect(passesOf("vector-2scan-own-decay")).toBeUndefined();
  expect(webgpuPasses({ ...call, spec: { op: "additive", causal: false }, level: "mixer" })).toBeUndefined();
  expect(webgpuPasses({ ...call, spec: { op: "additive", causal: true }, strategy: "chunked" })).toBeUndefined();
});

/** Arithmetic and workgroups of ours alone are counted. */
function lineOfModel({
  name,
  foreign,
  readBytes,
  writtenBytes,
  workgroups,
  multiplyAdds,
  exponentials,
}: PassCost): object {
  const ours = { workgroups, multiplyAdds, exponentials };
  return { name, foreign, readBytes, writtenBytes, ...(foreign ? {} : ours) };
}

function lineOfCount(
  { by, readBytes, writtenBytes, workgroups, arithmetic }: CountedPass,
  name: string | undefined,
): object {
  const ours = { workgroups, ...arithmetic };
  return { name, foreign: by !== "ours", readBytes, writtenBytes, ...(by === "ours" ? ours : {}) };
}
