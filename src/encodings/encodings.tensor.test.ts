import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import * as tf from "#engine/tf";
import { largestRelativeError, toleranceOf } from "#engine/tolerance";
import { errorsOf, evaluate } from "#ops/compare";
import { checkVectorFile } from "#ops/vectors";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { ownVectors } from "#testing/vector-files";
import { cosineReference } from "./angles-reference.ts";
import { encodeCosine, fixedTables, tablesOf } from "./angles.ts";
import { mdTpe, mdTpeScans } from "./md-tpe.ts";
import { ANGLE_FORMS, frequencyCount, startFrequencies, standardFrequencies } from "#weights/angle-forms";
import { encodings } from "./registry.ts";
import { toeplitzReference } from "./toeplitz-reference.ts";
import { toeplitzFilter } from "./toeplitz.ts";
import { encodingVectors } from "./vectors.ts";
import { widenChannels } from "./widen.ts";

const random = new Random(5);
const normals = (...shape: number[]) => ({ shape, data: random.normals(shape.reduce((a, b) => a * b, 1)) });

await describeOnEachEngine("encodings", (engine) => {
  const close = () => toleranceOf("float32", engine().device.kind).output;

  test("vectors", async () => {
    const files = ownVectors("lrpe-", "md-lrpe-", "rope-", "md-tpe-");
    expect(files.length).toBeGreaterThan(0);
    for (const path of files) {
      const results = await checkVectorFile(path, engine(), [encodingVectors]);
      expect(results.filter(({ ok }) => !ok)).toEqual([]);
    }
  });

  test("a file of another op is not checked, and says so", async () => {
    const [path] = ownVectors("lightnet-layer");
    const [result] = await checkVectorFile(path!, engine(), [encodingVectors]);
    expect(result).toMatchObject({ ok: false, reason: expect.stringMatching(/lightnet-layer/) as string });
  });

  test("fixed tables = tables from tensors, and stay exact far out", () => {
    const layout = { heads: 1, width: 4, place: { grid: [3], offset: 100_000 } };
    const theta = standardFrequencies(1, 4);
    const ones = new Float64Array(12).fill(1);
    const expected = cosineReference.forward(ones, theta, layout);
    tf.tidy(() => {
      const near = { ...layout, place: { grid: [3] } };
      const values = (tables: ReturnType<typeof tablesOf>) => encodeCosine(tf.ones([1, 1, 3, 4]), tables).dataSync();
      expect(largestRelativeError(values(fixedTables(theta, layout)), expected)).toBeLessThan(close());
      const trained = values(tablesOf(tf.tensor(Float32Array.from(theta), [1, 4]), near));
      expect(largestRelativeError(values(fixedTables(theta, near)), trained)).toBeLessThan(close());
    });
  });

  describe.each(["none", "lrpe", "md-lrpe", "md-lrpe-half", "md-lrpe-rotating", "rope"] as const)("%s", (id) => {
    test("widens as it declares, keeps lengths, and frees its tables", async () => {
      const declaration = encodings.get(id);
      const { relative } = await declaration.load();
      await expectNoLeak(engine(), () => {
        const encoding = relative!({ heads: 2, D: 8, place: { grid: [3, 4], prefix: 1 } });
        tf.tidy(() => {
          const { shape, data } = normals(2, 2, 13, 8);
          const x = tf.tensor(data, shape);
          const encoded = encoding.encode(x);
          expect(encoded.shape).toEqual([2, 2, 13, 8 * declaration.widening]);
          const lengths = (tensor: tf.Tensor) => tf.sum(tf.square(tensor), 3).dataSync();
          expect(largestRelativeError(lengths(encoded), lengths(x))).toBeLessThan(close());
        });
        encoding.dispose();
      });
    });
  });

  test.each(["md-lrpe", "md-lrpe-half", "md-lrpe-rotating"] as const)(
    "%s with trained frequencies: the fixed ones where they start, and gradients reach them",
    async (id) => {
      const declaration = encodings.get(id);
      const { relative } = await declaration.load();
      const [heads, D, place] = [2, 8, { grid: [3, 4], prefix: 1 }] as const;
      const form = ANGLE_FORMS[id]!;
      const count = frequencyCount(form, D, place.grid);
      const start = Float32Array.from(startFrequencies(form, heads, count));
      tf.tidy(() => {
        const { shape, data } = normals(1, heads, 13, D);
        const x = tf.tensor(data, shape);
        const encode = (theta: tf.Tensor) => relative!({ heads, D, place, theta: () => theta }).encode(x);
        const theta = tf.tensor(start, [heads, count]);
        const fixed = relative!({ heads, D, place });
        expect(largestRelativeError(encode(theta).dataSync(), fixed.encode(x).dataSync())).toBeLessThan(close());
        fixed.dispose();
        const weights = tf.tensor(normals(1, heads, 13, D * declaration.widening).data);
        const slope = tf.grad((given: tf.Tensor) => tf.sum(tf.mul(tf.reshape(encode(given), [-1]), weights)))(theta);
        expect(slope.shape).toEqual([heads, count]);
        expect(Math.min(...slope.dataSync().map(Math.abs))).toBeGreaterThan(0);
      });
    },
  );

  test("cosine on half of the channels as a table of all channels gives the same products", async () => {
    const { relative } = await encodings.get("md-lrpe-half").load();
    const encoding = relative!({ heads: 2, D: 8, place: { grid: [3, 4] } });
    tf.tidy(() => {
      const [q, k] = [normals(1, 2, 12, 8), normals(1, 2, 12, 8)].map(({ data, shape }) => tf.tensor(data, shape));
      const byTable = (x: tf.Tensor) => tf.mul(tf.concat([x, x], 3), encoding.cosineTable!);
      const products = (encode: (x: tf.Tensor) => tf.Tensor) =>
        tf.matMul(encode(q!), encode(k!), false, true).dataSync();
      expect(
        largestRelativeError(
          products(byTable),
          products((x) => encoding.encode(x)),
        ),
      ).toBeLessThan(close());
    });
    encoding.dispose();
  });

  test("one number a channel is repeated as the encoding repeats channels", () => {
    tf.tidy(() => {
      const x = tf.tensor([1, 2, 3, 4], [1, 4]);
      expect([...widenChannels(x, 1).dataSync()]).toEqual([1, 2, 3, 4]);
      expect([...widenChannels(x, 1.5).dataSync()]).toEqual([1, 2, 1, 2, 3, 4]);
      expect([...widenChannels(x, 2).dataSync()]).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
    });
  });

  test.each([
    [[200], false],
    [[130, 2], true],
    [[3, 4, 5], true],
  ])("Toeplitz over %j, both directions %s: value and gradients", async (grid, bothDirections) => {
    const [B, C, heads, axes] = [2, 4, 2, grid.length];
    const logDecay = normals(axes, heads);
    const inputs = {
      x: normals(B, ...grid, C),
      q: normals(axes, C),
      k: normals(axes, C),
      logDecay: { ...logDecay, data: logDecay.data.map((value) => -0.2 * Math.abs(value)) },
    };
    const cotangent = normals(B, ...grid, C);
    const actual = await evaluate({
      run: ({ x, q, k, logDecay }) => ({
        out: toeplitzFilter(x!, { q: q!, k: k!, logDecay: logDecay! }, { bothDirections }),
      }),
      inputs,
      cotangent,
    });
    const layout = { B, grid, C, heads, bothDirections };
    const values = (name: keyof typeof inputs) => Float64Array.from(inputs[name].data);
    const arrays = { x: values("x"), q: values("q"), k: values("k"), logDecay: values("logDecay") };
    const expected = {
      outputs: { out: toeplitzReference.forward(arrays, layout) },
      gradients: { ...toeplitzReference.backward(arrays, layout, Float64Array.from(cotangent.data)) },
    };
    expect(
      errorsOf(actual, expected, "float32", engine().device.kind).filter(
        ({ error, tolerance }) => !(error <= tolerance),
      ),
    ).toEqual([]);
  });

  test("MD-TPE: prefix tokens are seen by no other token; a residual adds the input", () => {
    tf.tidy(() => {
      const tensor = ({ shape, data }: ReturnType<typeof normals>) => tf.tensor(data, shape);
      const weights = {
        q: tensor(normals(2, 4)),
        k: tensor(normals(2, 4)),
        decay: tensor(normals(2, 2)),
        projection: tensor(normals(4, 4)),
      };
      const options = { place: { grid: [2, 3], prefix: 1 } };
      const x = tensor(normals(2, 7, 4)) as tf.Tensor3D;
      const out = mdTpe(x, weights, options);
      const otherPrefix = tf.concat([tf.ones([2, 1, 4]), tf.slice(x, [0, 1, 0], [2, 6, 4])], 1);
      const cells = (y: tf.Tensor3D) => tf.slice(y, [0, 1, 0], [2, 6, 4]).dataSync();
      expect(cells(mdTpe(otherPrefix as tf.Tensor3D, weights, options))).toEqual(cells(out));
      const residual = mdTpe(x, weights, { ...options, residual: true });
      expect(largestRelativeError(residual.dataSync(), tf.add(x, out).dataSync())).toBeLessThan(close());
      expect(mdTpeScans({ ...options, bothDirections: true })).toBe(4);
    });
  });
});
