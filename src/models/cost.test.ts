import { expect, test } from "vitest";
import { contenders } from "#catalogue/contenders";
import { modelOf, modelSizes } from "#catalogue/sizes/model-sizes";
import { countModel } from "./cost.ts";

const countOf = (size: string, contender = "additive-global") => {
  const declared = modelSizes.get(size);
  return countModel(
    modelOf(declared, { operator: contenders.get(contender).spec, encoding: "md-lrpe" }),
    declared.input,
  );
};

test("parameters and operations of the smallest denoiser, by hand", () => {
  const [C, F, P, N] = [48, 128, 16, 36];
  const embedding = P * C + C;
  const condition = 256 * C + C + C * C + C + 9 * C; // time step, and 8 classes with one row for none
  const mixer = 4 * C * C + 2 * C * 24; // q, k, v, out; gate of rank C/H
  const block = C * 6 * C + 6 * C + mixer + 3 * C * F; // no gains and biases: they come from the condition
  const last = C * 2 * C + 2 * C + C * P + P;
  const count = countOf("DiT-nano");
  expect(count.parameters).toBe(embedding + condition + 2 * block + last);
  const perToken = P * C + 2 * (mixer + 3 * C * F) + C * P;
  const perExample = 256 * C + C * C + 2 * C * 6 * C + C * 2 * C;
  const mixing = 2 * 4 * N * 48 * 24 * 2; // layers · 4NDE · heads, D doubled by the encoding
  expect(count.flopsPerExample).toBe(2 * (N * perToken + perExample) + mixing);
  expect(count.tokens).toBe(N);
});

// Table 1 of the DiT paper gives 33, 130, 458 and 675 million for patches of 2; ours have a gate besides and a GLU of
// 8C²/3 in place of the MLP, predict no variance, and differ by less than 2 %.
test.each([
  ["DiT-S", 33e6],
  ["DiT-B", 130e6],
  ["DiT-L", 458e6],
  ["DiT-XL", 675e6],
])("%s has the size of its namesake", (size, published) => {
  expect(Math.abs(countOf(size).parameters / published - 1)).toBeLessThan(0.02);
  expect(countOf(size).tokens).toBe(256);
});
