import { describe, expect, test } from "vitest";
import { UsageError } from "#base/errors";
import { contenders } from "#catalogue/contenders";
import { modelOf, modelSizes } from "#catalogue/sizes/model-sizes";
import { countModel } from "./cost.ts";
import { patchGrid } from "#weights/image-classifier";
import { modelVariants } from "./variants.ts";

const nano = modelSizes.get("nano");
const nanoWith = (id: string) => modelOf(nano, { operator: contenders.get(id).spec, encoding: "md-lrpe" });

describe("counts", () => {
  test("parameters of the smallest LightNet, by hand", () => {
    const embedding = 16 * 48 + 48;
    const norms = 2 * (48 + 48);
    const mixer = 4 * 48 * 48 + 48 * 24 + 24 * 48; // q, k, v, out; gate of rank C/H
    const glu = 3 * 48 * 128;
    const head = 48 * 8 + 8;
    expect(countModel(nanoWith("additive-global"), nano.input).parameters).toBe(
      embedding + 2 * (norms + mixer + glu) + (48 + 48) + head,
    );
  });

  test("parameters of rivals differ by what their decays train, and the gate", () => {
    const lightNet = countModel({ ...nanoWith("additive-global"), gluWidth: 128 }, nano.input).parameters;
    const difference = (id: string) => countModel({ ...nanoWith(id), gluWidth: 128 }, nano.input).parameters - lightNet;
    expect(difference("softmax-full")).toBe(-2 * 2 * 48 * 24);
    expect(difference("linear-global")).toBe(0);
    expect(difference("constant-2scan")).toBe(0);
    expect(difference("scalar-2scan")).toBe(2 * (48 * 2 + 2 + 2)); // Δ's projection and bias, A
    expect(difference("vector-2scan")).toBe(2 * (48 * 16 + 16 * 48 + 48)); // low rank and bias
    expect(difference("hgrn2-2scan")).toBe(48 * 2); // lower bounds: decay in place of the key
  });

  test("operations of the smallest LightNet, by hand", () => {
    const products = 16 * 48 + 2 * (4 * 48 * 48 + 2 * 48 * 24 + 3 * 48 * 128); // multiply-adds a token
    const mixing = 2 * 4 * 36 * 48 * 24 * 2; // layers · 4NDE · heads, D doubled by the encoding
    const whole = 2 * 36 * products + 2 * 48 * 8 + mixing;
    const count = countModel(nanoWith("additive-global"), nano.input);
    expect(count.flopsPerExample).toBe(whole);
    expect(count.tokens).toBe(36);
  });

  test("directions that share nothing have projections of their own", () => {
    const operator = contenders.get("vector-2scan").spec;
    const count = (sharing: "all" | "decay" | "k+decay" | "none") =>
      countModel(
        { ...nanoWith("vector-2scan"), mixer: { operator: { ...operator, sharing }, encoding: "none" } },
        nano.input,
      ).parameters;
    const decay = 2 * (48 * 16 + 16 * 48 + 48);
    expect(count("decay") - count("all")).toBe(decay);
    expect(count("k+decay") - count("decay")).toBe(2 * 48 * 48);
    expect(count("none") - count("k+decay")).toBe(2 * 2 * 48 * 48);
  });
});

describe("sizes", () => {
  test("all variants have LightNet's number of parameters within 2 %, or as nearly as GLU widths in fours allow", () => {
    for (const { id, model, width, depth, parameters, parametersAgainstLightNet } of modelVariants()) {
      const halfStep = (2 * 3 * width * depth) / parameters;
      expect(Math.abs(parametersAgainstLightNet), `${id} ${model}`).toBeLessThan(Math.max(0.02, halfStep));
    }
  });

  test("patches must tile the image", () => {
    expect(() => patchGrid(nanoWith("additive-global"), { imageShape: [26, 24, 1], classes: 2 })).toThrow(UsageError);
    expect(patchGrid(nanoWith("additive-global"), { imageShape: [24, 32, 3], classes: 2 })).toEqual({
      grid: [6, 8],
      prefix: 0,
      patchSize: 48,
    });
  });
});
