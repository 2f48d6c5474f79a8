// Attention's running maxima and sums with shuffles inside of subgroups and without, against plain loops.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Random } from "#base/random";
import type { RunningEngine } from "../engine.ts";
import * as tf from "../tf.ts";
import { largestRelativeError, toleranceOf } from "../tolerance.ts";
import { attention } from "./attention.ts";
import type { WebGpuBackend } from "./backend.ts";
import { findAdapter } from "./dawn.ts";
import { Gpu } from "./dispatch.ts";
import { webgpuEngine } from "./engine.ts";
import { lanesOf } from "./subgroups.ts";
import { reduceRows } from "./wgsl/row-reduction.ts";

test("a reduction takes as many shuffles as it needs, and memory only for what they do not reach", () => {
  const code = (lanes: number) => reduceRows({ own: "a", into: "b", operator: "max", lanes });
  const shuffles = (lanes: number) => code(lanes).match(/subgroupShuffleXor/g)?.length ?? 0;
  expect([1, 4, 16, 64].map(shuffles)).toEqual([0, 2, 4, 4]);
  expect([1, 4, 16, 64].map((lanes) => code(lanes).includes("workgroupBarrier"))).toEqual([true, true, false, false]);
  expect(code(4)).toContain("j += 4");
});

const availability = await webgpuEngine.availability({});
const required = (process.env["REQUIRE_ENGINES"] ?? "").split(",").includes("webgpu");
const name = availability.available ? "subgroups on webgpu" : `subgroups on webgpu: ${availability.reason}`;

describe.skipIf(!availability.available && !required)(name, () => {
  const [N, D, E] = [70, 8, 12];
  let engine: RunningEngine;
  let gpu: Gpu;
  let lanes: number;

  beforeAll(async () => {
    engine = await webgpuEngine.start({});
    gpu = new Gpu(tf.backend() as unknown as WebGpuBackend);
    lanes = await lanesOf(gpu, (await findAdapter({})).adapter.info);
  });
  afterAll(() => engine.stop());

  test("lanes are counted where there are subgroups, and only where they are wanted", async () => {
    expect(lanes > 1).toBe(String(engine.device.details["features"]).includes("subgroups"));
    process.env["LIGHTNET_BENCH_SUBGROUPS"] = "off";
    expect(await lanesOf(gpu, (await findAdapter({})).adapter.info)).toBe(1);
    delete process.env["LIGHTNET_BENCH_SUBGROUPS"];
  });

  test.each(["as found", "without"])("attention with subgroups %s", async (which) => {
    const random = new Random(2);
    const [q, k, v] = [random.normals(N * D), random.normals(N * D), random.normals(N * E)];
    const expected = plainAttention(q, k, v);
    gpu.lanes = which === "without" ? 1 : lanes;
    const inputs = { q: tf.tensor3d(q, [1, N, D]), k: tf.tensor3d(k, [1, N, D]), v: tf.tensor3d(v, [1, N, E]) };
    const { out, rowLse } = attention(gpu)!.forward({ ...inputs, scale: 1, causal: false });
    const { output } = toleranceOf("float32", "gpu");
    expect(largestRelativeError(await out.data(), expected.out)).toBeLessThan(output);
    expect(largestRelativeError(await rowLse.data(), expected.lse)).toBeLessThan(output);
    tf.dispose([inputs, out, rowLse] as tf.TensorContainer);
  });

  function plainAttention(q: Float32Array, k: Float32Array, v: Float32Array) {
    const out = new Float64Array(N * E);
    const lse = Float64Array.from({ length: N }, (_, t) => {
      const weights = Array.from({ length: N }, (_, j) =>
        Math.exp(Array.from({ length: D }, (_, d) => q[t * D + d]! * k[j * D + d]!).reduce((a, b) => a + b)),
      );
      const sum = weights.reduce((a, b) => a + b);
      weights.forEach((weight, j) => {
        for (let e = 0; e < E; e++) out[t * E + e]! += (weight / sum) * v[j * E + e]!;
      });
      return Math.log(sum);
    });
    return { out, lse };
  }
});
