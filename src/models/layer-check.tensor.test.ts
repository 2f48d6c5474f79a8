import { beforeAll, describe, expect, test } from "vitest";
import { models } from "#catalogue/models";
import type { RunningEngine } from "#engine/engine";
import { startEngine } from "#engine/registry";
import * as tf from "#engine/tf";
import { checkLayer, type CheckedLayer } from "./layer-check.ts";

let engine: RunningEngine;
beforeAll(async () => {
  engine = await startEngine("wasm");
});

function layerOf(id: string, changed: Partial<CheckedLayer> = {}): CheckedLayer {
  const { mixer, localMixing, localMixingStart } = models.get(id);
  const start = localMixingStart === undefined ? {} : { localMixingStart };
  const tokens = mixer.operator.causal ? { grid: [19], prefix: 0 } : { grid: [5, 4], prefix: 1 };
  return { width: 32, heads: 2, mixer, localMixing, ...start, ...tokens, ...changed };
}

const wrongs = async (...given: Parameters<typeof checkLayer>) =>
  (await checkLayer(...given)).filter(({ error, tolerance }) => !(error <= tolerance));

describe("the layer of every model is its definition, outputs and gradients", () => {
  test.each(models.ids())("%s", async (id) => {
    const before = engine.memory().tensors;
    expect(await wrongs(layerOf(id), engine)).toEqual([]);
    expect(engine.memory().tensors).toBe(before);
  });

  const operator = { op: "multiplicative", causal: false, scans: 4 } as const;
  test.each<readonly [string, Partial<CheckedLayer>]>([
    ["volume", { grid: [3, 2, 3] }],
    ["shared MD-TPE", { localMixing: "md-tpe" }],
    ["depthwise filter", { localMixing: "depthwise" }],
    [
      "four directions that share nothing",
      { mixer: { operator: { ...operator, decay: "scalar", sharing: "none" }, encoding: "none" } },
    ],
    ["vector decay with an encoding", { mixer: { operator: { ...operator, decay: "vector" }, encoding: "md-lrpe" } }],
    [
      "tied keys with an encoding",
      { mixer: { operator: { ...operator, decay: "vector", tiedKey: true }, encoding: "md-lrpe-half" } },
    ],
    [
      "tied keys of each direction, second layer",
      {
        mixer: {
          operator: { ...operator, decay: "vector", tiedKey: true, sharing: "decay" },
          encoding: "none",
        },
      },
    ],
    [
      "a denominator with an encoding",
      {
        mixer: {
          operator: { op: "multiplicative", causal: false, decay: "none", feature: "elu+1", normalised: true },
          encoding: "rope",
        },
      },
    ],
    [
      "Efficient Attention with an encoding",
      { mixer: { operator: { op: "efficient-attention", causal: false }, encoding: "md-lrpe" } },
    ],
  ])("%s", async (_name, changed) => {
    expect(await wrongs(layerOf("lightnet", changed), engine)).toEqual([]);
  });
});

describe("refused: a layer that", () => {
  test.each<readonly [string, (out: tf.Tensor) => tf.Tensor, RegExp]>([
    ["is off by 0.1 % in its last token", (out) => tf.mul(out, lastOr(out, 1.001)), /^out/],
    ["gives half of the gradient", (out) => tf.add(tf.mul(out, 0.5), detached(out)), /^grad/],
  ])("%s", async (_name, change, found) => {
    const names = (await wrongs(layerOf("lightnet"), engine, change)).map(({ name }) => name);
    expect(names[0]).toMatch(found);
  });
});

/** 1, and a factor for the last token. */
function lastOr(out: tf.Tensor, factor: number): tf.Tensor {
  const N = out.shape[1]!;
  return tf.tensor(
    Array.from({ length: N }, (_, t) => (t === N - 1 ? factor : 1)),
    [1, N, 1],
  );
}

/** Half of a tensor that no gradient goes through. */
function detached(out: tf.Tensor): tf.Tensor {
  const half = tf.customGrad((...args: unknown[]) => {
    const [x] = args as [tf.Tensor];
    return { value: tf.mul(x, 0.5), gradFunc: ((dy: tf.Tensor) => tf.zerosLike(dy)) as never };
  }) as (x: tf.Tensor) => tf.Tensor;
  return half(out);
}
