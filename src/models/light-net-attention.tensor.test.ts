import { expect, test } from "vitest";
import { encodeCosine, fixedTables, rotate } from "#encodings/angles";
import { standardFrequencies } from "#weights/angle-forms";
import { Random } from "#base/random";
import type { NamedTensor } from "#base/safetensors";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { largestRelativeError, toleranceOf } from "#engine/tolerance";
import { errorsOf, evaluate } from "#ops/compare";
import { checkVectorFile } from "#ops/vectors";
import { describeOnEachEngine } from "#testing/engines";
import { ownVectors } from "#testing/vector-files";
import { lightNetAttention, softmaxOverTokens } from "./light-net-attention.ts";
import { lightNetReference, type LightNetArrays } from "./light-net-reference.ts";
import type { RelativeEncoding } from "./positions.ts";
import { layerVectors } from "./vectors.ts";

const IDENTITY: RelativeEncoding = { widening: 1, isIdentity: true, encode: (x) => x };
const [B, C, heads] = [2, 8, 2];
const grid = [3, 4];
const place = { grid, prefix: 1 };
const N = 13;
const D = C / heads;

function inputs(): Record<string, NamedTensor> {
  const random = new Random(3);
  const drawn = (shape: number[], scale: number) => ({
    shape,
    data: random.normals(
      shape.reduce((a, b) => a * b, 1),
      scale,
    ),
  });
  const square = () => drawn([C, C], C ** -0.5);
  return {
    x: drawn([B, N, C], 1),
    wq: square(),
    wk: square(),
    wv: square(),
    wu1: drawn([C, C / heads], 0.5),
    wu2: drawn([C / heads, C], 0.5),
    wo: square(),
  };
}

/** Tables must be made inside the run: `evaluate` tidies around it. */
function encodingFor(kind: "none" | "cosine" | "rotary"): RelativeEncoding {
  if (kind === "none") return IDENTITY;
  const width = kind === "cosine" ? D : D / 2;
  const layout = { heads, width, place };
  const tables = () => fixedTables(standardFrequencies(heads, width / 2), layout);
  return kind === "cosine"
    ? { widening: 2, isIdentity: false, encode: (x) => encodeCosine(x, tables()) }
    : { widening: 1, isIdentity: false, encode: (x) => rotate(x, tables()) };
}

async function layerOn(
  engine: RunningEngine,
  causal: boolean,
  relative: RelativeEncoding,
  norm: "layer" | "rms" = "layer",
) {
  const mixerPlace = { width: C, heads, grid, prefix: 1, layer: 0, depth: 1 };
  const spec = { operator: { op: "additive", causal }, encoding: "none", norm } as const;
  return lightNetAttention({ spec, place: mixerPlace, relative }, engine);
}

await describeOnEachEngine("LightNet attention", (engine) => {
  test("vectors", async () => {
    const files = ownVectors("lightnet-layer");
    expect(files.length).toBeGreaterThan(0);
    for (const path of files) {
      const results = await checkVectorFile(path, engine(), [layerVectors]);
      expect(results.filter(({ ok }) => !ok)).toEqual([]);
    }
  });

  test.each([
    [false, "none", "rms"],
    [false, "cosine", "layer"],
    [true, "cosine", "layer"],
    [true, "none", "layer"],
  ] as const)("causal %s, encoding %s, %s norm: outputs and gradients of the reference", async (causal, kind, norm) => {
    const given = inputs();
    const cotangent = { shape: [B, N, C], data: new Random(4).normals(B * N * C) };
    const layer = await layerOn(engine(), causal, encodingFor(kind), norm);
    const actual = await evaluate({
      run: ({ x, ...weights }) => ({ out: layer(x!, (name) => weights[name]!) }),
      inputs: given,
      cotangent,
    });
    const arrays = Object.fromEntries(
      Object.entries(given).map(([name, { data }]) => [name, Float64Array.from(data)]),
    ) as unknown as LightNetArrays;
    const theta = kind === "cosine" ? { theta: standardFrequencies(heads, D / 2) } : {};
    const { out, gradients } = lightNetReference(
      { ...arrays, ...theta },
      { causal, norm, heads, place, B, C },
      Float64Array.from(cotangent.data),
    );
    const expected = {
      outputs: { out },
      gradients: Object.fromEntries(Object.entries(gradients).filter(([name]) => name !== "theta")),
    };
    expect(
      errorsOf(actual, expected, "float32", engine().device.kind).filter(
        ({ error, tolerance }) => !(error <= tolerance),
      ),
    ).toEqual([]);
  });

  test.each(["none", "cosine", "rotary"] as const)(
    "encoding %s: the last token sees the same in the causal and in the global form",
    async (kind) => {
      const { x, ...weights } = inputs();
      const forms = [
        await layerOn(engine(), true, encodingFor(kind)),
        await layerOn(engine(), false, encodingFor(kind)),
      ];
      const [causal, global] = forms.map((layer) =>
        tf.tidy(() => {
          const tensors = Object.fromEntries(
            Object.entries(weights).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
          );
          const out = layer(tf.tensor(x!.data, [...x!.shape]), (name) => tensors[name]!);
          return tf.slice(out, [0, N - 1, 0], [B, 1, C]).dataSync();
        }),
      );
      expect(largestRelativeError(causal!, global!)).toBeLessThan(toleranceOf("float32", engine().device.kind).output);
    },
  );

  test("softmaxOverTokens sums to 1 over the tokens, also of logits ±500", () => {
    tf.tidy(() => {
      const p = softmaxOverTokens(tf.tensor(new Random(1).normals(128 * 3, 200), [1, 1, 128, 3]));
      expect(largestRelativeError(tf.sum(p, 2).dataSync(), [1, 1, 1])).toBeLessThan(
        toleranceOf("float32", engine().device.kind).output,
      );
    });
  });
});
