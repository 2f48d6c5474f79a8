import { expect, test } from "vitest";
import { contenders } from "../contenders.ts";
import { modelOf, modelSizes } from "./model-sizes.ts";

/** GLU widths of the runs published so far: around LightNet, softmax, scalar decay, vector decay. */
const PUBLISHED: readonly [size: string, gated: number, softmax: number, scalar: number, vector: number][] = [
  ["mlm-nano", 128, 144, 128, 116],
  ["mlm-mini", 344, 364, 344, 332],
  ["mlm-midi", 680, 724, 680, 668],
  ["mlm-120m", 1536, 1580, 1532, 1524],
  ["nano-3d", 128, 144, 128, 116],
  ["mini-3d", 172, 192, 172, 160],
  ["midi-3d", 340, 360, 340, 328],
  ["recall-nano", 64, 76, 64, 52],
  ["recall-d8", 172, 176, 168, 160],
  ["recall-d16", 172, 184, 172, 160],
  ["recall-d32", 172, 192, 172, 160],
  ["recall-d64", 172, 216, 172, 160],
  ["recall-512-d16", 340, 352, 336, 328],
  ["recall-512-d32", 340, 360, 340, 328],
  ["recall-512-d64", 340, 384, 340, 328],
  ["recall-512-d128", 340, 424, 340, 328],
  ["DiT-nano", 128, 144, 128, 116],
  ["DiT-mini", 172, 192, 172, 160],
  ["DiT-midi", 684, 728, 684, 672],
  ["DiT-S", 1024, 1068, 1020, 1012],
  ["DiT-B", 2048, 2092, 2044, 2036],
  ["DiT-L", 2732, 2776, 2728, 2720],
  ["DiT-XL", 3072, 3120, 3068, 3060],
  ["lm-nano", 88, 100, 88, 76],
  ["lm-mini", 320, 340, 320, 308],
  ["lm-midi", 640, 684, 640, 628],
  ["lm-44m", 1280, 1364, 1280, 1268],
  ["lm-120m", 1536, 1580, 1532, 1524],
  ["lm-pico", 44, 48, 44, 32],
  ["lm-micro", 172, 192, 172, 160],
  ["lm-350m", 2560, 2604, 2556, 2548],
  ["pico", 84, 96, 84, 72],
  ["nano", 128, 144, 128, 116],
  ["micro", 256, 288, 256, 244],
  ["mini", 172, 192, 172, 160],
  ["midi", 340, 360, 340, 328],
  ["T", 512, 556, 512, 500],
  ["S", 1024, 1068, 1020, 1012],
  ["B", 2048, 2092, 2044, 2036],
];

test.each(PUBLISHED)("size %s: computed GLU widths are those of the published runs", (id, ...widths) => {
  const size = modelSizes.get(id);
  const widthWith = (contender: string) =>
    modelOf(size, { operator: contenders.get(contender).spec, encoding: "md-lrpe" }).gluWidth;
  expect(["additive-global", "softmax-full", "scalar-2scan", "vector-2scan"].map(widthWith)).toEqual(widths);
  expect(["linear-global", "constant-2scan", "hgrn2-2scan"].map(widthWith)).toEqual([widths[0], widths[0], widths[0]]);
});

test("encoding and local mixing, which all of a size share, do not move the widths", () => {
  const size = modelSizes.get("lm-mini");
  const softmax = contenders.get("softmax-causal").spec;
  expect(modelOf(size, { operator: softmax, encoding: "learned" }).gluWidth).toBe(340);
  expect(modelOf(size, { operator: softmax, encoding: "lrpe" }, "md-tpe").gluWidth).toBe(340);
});
