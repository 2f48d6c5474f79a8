import { expect, test } from "vitest";
import { Random } from "#base/random";
import * as tf from "#engine/tf";
import { ENCODINGS, LOCAL_MIXINGS, type ModelSpec } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { createImageClassifier } from "./head.ts";
import { createLocalMixing } from "#models/local-mixing";

const INPUT = { imageShape: [6, 8, 1], classes: 3 } as const;

function modelWith(encoding: ModelSpec["mixer"]["encoding"], localMixing: ModelSpec["localMixing"]): ModelSpec {
  const mixer = { operator: contenders.get("additive-global").spec, encoding };
  return { variant: "test", width: 8, depth: 2, heads: 2, gluWidth: 12, mixer, localMixing, patch: [2, 2] };
}

await describeOnEachEngine("image classifier", (engine) => {
  const patches = new Random(2).normals(2 * 12 * 4);
  const pairs = [
    ...ENCODINGS.map((encoding) => [encoding, "none"] as const),
    ...LOCAL_MIXINGS.map((local) => ["md-lrpe", local] as const),
  ];

  test.each(pairs)(
    "encoding %s with local mixing %s: starts undecided, and every weight learns once the head has moved",
    async (encoding, local) => {
      await expectNoLeak(engine(), async () => {
        const { parameters, forward } = await createImageClassifier(modelWith(encoding, local), INPUT, {
          seed: 1,
          engine: engine(),
        });
        tf.tidy(() => {
          const x = tf.tensor3d(patches, [2, 12, 4]);
          expect([...forward(x).dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
          parameters.get("head.w").assign(tf.tensor2d(new Random(3).normals(8 * 3), [8, 3]));
          const { grads } = tf.variableGrads(() => tf.sum(tf.square(forward(x))) as tf.Scalar, parameters.list());
          for (const { name } of parameters.declarations) {
            const gradient = grads[parameters.get(name).name]?.dataSync<"float32">() ?? new Float32Array();
            expect([name, gradient.some((value) => value !== 0) && gradient.every(Number.isFinite)]).toEqual([
              name,
              true,
            ]);
          }
        });
        parameters.dispose();
      });
    },
  );

  test("the order of patches is seen with an encoding, and not without", async () => {
    const shuffled = (values: Float32Array) =>
      Float32Array.from({ length: values.length }, (_, i) => values[Math.floor(i / 48) * 48 + ((i + 20) % 48)]!);
    const logitsOf = async (encoding: "none" | "md-lrpe", values: Float32Array) => {
      const { parameters, forward } = await createImageClassifier(modelWith(encoding, "none"), INPUT, {
        seed: 1,
        engine: engine(),
      });
      const logits = tf.tidy(() => {
        parameters.get("head.w").assign(tf.tensor2d(new Random(3).normals(8 * 3), [8, 3]));
        return [...forward(tf.tensor3d(values, [2, 12, 4])).dataSync()];
      });
      parameters.dispose();
      return logits;
    };
    for (const encoding of ["none", "md-lrpe"] as const) {
      const plain = await logitsOf(encoding, patches);
      const moved = await logitsOf(encoding, shuffled(patches));
      const difference = Math.max(...plain.map((value, i) => Math.abs(value - moved[i]!)));
      if (encoding === "none") expect(difference).toBeLessThan(1e-4);
      else expect(difference).toBeGreaterThan(1e-3);
    }
  });

  test("the depthwise filter adds the weighted neighbours of each cell, and passes prefix tokens by", () => {
    const random = new Random(5);
    const [rows, columns, C] = [3, 4, 2];
    const x = random.normals((1 + rows * columns) * C);
    const filter = random.normals(9 * C);
    const mixed = tf.tidy(() => {
      const mix = createLocalMixing(modelWith("none", "depthwise"), { grid: [rows, columns], prefix: 1 }, () =>
        tf.tensor2d(filter, [9, C]),
      );
      return mix(tf.tensor3d(x, [1, 1 + rows * columns, C])).dataSync();
    });
    const at = (row: number, column: number, c: number) =>
      row < 0 || row >= rows || column < 0 || column >= columns ? 0 : x[(1 + row * columns + column) * C + c]!;
    expect([...mixed.slice(0, C)]).toEqual([...x.slice(0, C)]);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let c = 0; c < C; c++) {
          let sum = at(row, column, c);
          // taps run over rows first: tap = 3·(column shift) + (row shift)
          for (let tap = 0; tap < 9; tap++)
            sum += filter[tap * C + c]! * at(row + (tap % 3) - 1, column + Math.floor(tap / 3) - 1, c);
          expect(mixed[(1 + row * columns + column) * C + c]).toBeCloseTo(sum, 4);
        }
      }
    }
  });
});
