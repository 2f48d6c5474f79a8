import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSafetensors } from "#host/safetensors";
import * as tf from "#engine/tf";
import { largestRelativeError, toleranceOf } from "#engine/tolerance";
import { distanceOfFeatures } from "../frechet.ts";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { drawnByName, drawnInceptionFile } from "#testing/inception-weights";
import { createInception, resized } from "./network.ts";
import { openInceptionWeights } from "./weights.ts";

const { tensors: expected } = readSafetensors(join(import.meta.dirname, "fixtures", "features.safetensors"));
const folder = mkdtempSync(join(tmpdir(), "inception-"));
const path = join(folder, "weights.safetensors");
beforeAll(() => writeFileSync(path, drawnInceptionFile()), 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** Bytes over 255, taken to [−1, 1]. */
function images(name: string, shape: [number, number, number, number]): tf.Tensor4D {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return tf.tensor4d(
    Float32Array.from(drawnByName(name, size), (value) => Math.floor((value + 1) * 128) / 127.5 - 1),
    shape,
  );
}

test("the Fréchet distance is pytorch-fid's", () => {
  const vectors = (name: string, count: number) => ({ count, width: 64, values: drawnByName(name, 64 * count) });
  const [real, generated] = [vectors("real", 150), vectors("generated", 100)];
  const found = distanceOfFeatures(real, { ...generated, values: generated.values.map((value) => 0.1 + 0.8 * value) });
  expect(largestRelativeError([found], expected.get("distance")!.data)).toBeLessThan(
    toleranceOf("float64", "cpu").output,
  );
});

await describeOnEachEngine("Inception-v3 with drawn weights", (engine, id) => {
  const cases: [name: string, shape: [number, number, number, number]][] = [
    ["smallest", [1, 75, 75, 3]],
    ["enlarged", [2, 20, 28, 3]],
    ["reduced", [1, 310, 420, 3]],
  ];
  test.each(id === "cpu" ? cases.slice(0, 1) : cases)(
    "%s images have the features that pytorch-fid gives them",
    { timeout: 300_000 },
    async (name, shape) => {
      await expectNoLeak(engine(), async () => {
        const network = createInception(openInceptionWeights(path));
        const features = tf.tidy(() =>
          network.features(name === "smallest" ? images(name, shape) : resized(images(name, shape))),
        );
        expect(features.shape).toEqual([shape[0], 2048]);
        const error = largestRelativeError(await features.data(), expected.get(name)!.data);
        expect(error).toBeLessThan(toleranceOf("float32", engine().device.kind).output);
        features.dispose();
        network.dispose();
      });
    },
  );
});
