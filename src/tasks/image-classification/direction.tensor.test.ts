// What the suite direction-task rests on: which symmetries of its patches a model cannot see, whatever its weights.

import { expect, test } from "vitest";
import { Random } from "#base/random";
import * as tf from "#engine/tf";
import { largestRelativeError, toleranceOf } from "#engine/tolerance";
import type { ModelSpec } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { describeOnEachEngine } from "#testing/engines";
import { createImageClassifier } from "./head.ts";

/** 4 frames of 3×3 patches */
const TOKENS = 36;
const PATCH = 4;
type Encoding = ModelSpec["mixer"]["encoding"];

function modelWith(contender: string, encoding: Encoding, localMixing: ModelSpec["localMixing"]): ModelSpec {
  const mixer = { operator: contenders.get(contender).spec, encoding };
  return { variant: "test", width: 24, depth: 2, heads: 2, gluWidth: 32, mixer, localMixing, patch: [1, 2, 2] };
}

/** Two layers of float32 sums in another order. */
const SAME = toleranceOf("float32", "gpu").gradient;
const OTHER = 10 * SAME;

const backwards = Array.from({ length: TOKENS }, (_, token) => (3 - Math.floor(token / 9)) * 9 + (token % 9));
const shuffled = new Random(5).shuffle(Array.from({ length: TOKENS }, (_, token) => token));

await describeOnEachEngine("symmetries of direction", (engine, id) => {
  /** Largest change of the logits, against the largest logit, when the patches stand in another order. */
  async function change(model: ModelSpec, order: readonly number[]): Promise<number> {
    const classifier = await createImageClassifier(
      model,
      { imageShape: [4, 6, 6, 1], classes: 8 },
      { seed: 2, engine: engine() },
    );
    // the head starts at zero: without other values nothing could be seen
    classifier.parameters.get("head.w").assign(tf.tensor2d(new Random(3).normals(24 * 8), [24, 8]));
    const patches = new Random(4).normals(TOKENS * PATCH);
    const moved = Float32Array.from(
      { length: TOKENS * PATCH },
      (_, i) => patches[order[Math.floor(i / PATCH)]! * PATCH + (i % PATCH)]!,
    );
    const [one, other] = [patches, moved].map((values) =>
      tf.tidy(() => classifier.forward(tf.tensor3d(values, [1, TOKENS, PATCH])).dataSync() as Float32Array),
    );
    classifier.parameters.dispose();
    return largestRelativeError(other!, one!);
  }

  const global = id === "cpu" ? ["additive-global"] : ["additive-global", "linear-global", "softmax-full"];

  test.each(global)("%s without encoding and local mixing sees a bag of patches", async (contender) => {
    expect(await change(modelWith(contender, "none", "none"), shuffled)).toBeLessThan(SAME);
  });

  test.each(global)(
    "%s with cosine MD-LRPE alone cannot tell a volume from itself played backwards",
    async (contender) => {
      expect(await change(modelWith(contender, "md-lrpe", "none"), backwards)).toBeLessThan(SAME);
      expect(await change(modelWith(contender, "md-lrpe", "none"), shuffled)).toBeGreaterThan(OTHER);
    },
  );

  test.each([
    ["rope", "none"],
    ["sinusoidal", "none"],
    ["none", "md-tpe"],
    ["md-lrpe", "md-tpe"],
  ] as const)("encoding %s with local mixing %s can", async (encoding, localMixing) => {
    expect(await change(modelWith("additive-global", encoding, localMixing), backwards)).toBeGreaterThan(OTHER);
  });
});
