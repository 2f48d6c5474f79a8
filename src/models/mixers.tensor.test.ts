import { expect, test } from "vitest";
import { UsageError } from "#base/errors";
import { Random } from "#base/random";
import { encodings } from "#encodings/registry";
import * as tf from "#engine/tf";
import type { MixerSpec, OperatorSpec } from "#case/case";
import { ENCODINGS } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { models } from "#catalogue/models";
import { layerOf } from "#weights/layer";
import { largestRelativeError, toleranceOf } from "#engine/tolerance";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { shortFilter } from "./short-filter.ts";
import { mixerForBenchmark, type BenchmarkMixer } from "./mixer.ts";
import { SegmentTimes } from "./segments.ts";

const PLACE = { C: 16, heads: 2, grid: [3, 3], prefix: 1 };
const [B, N, C] = [2, 10, 16];
const tokensOf = ({ grid, prefix }: Pick<typeof PLACE, "grid" | "prefix">) => {
  const count = prefix + grid.reduce((product, axis) => product * axis, 1);
  return { shape: [B, count, C] as [number, number, number], values: new Random(1).normals(B * count * C) };
};

/** Output, and gradients of its sum of squares by every weight that has one. */
function outputAndGradients({ forward, parameters }: BenchmarkMixer, { shape, values } = tokensOf(PLACE)) {
  let out: Float32Array = new Float32Array();
  let gradients: (readonly [name: string, gradient: Float32Array | undefined])[] = [];
  tf.tidy(() => {
    const x = tf.tensor3d(values, shape);
    const weights = parameters.list();
    const { grads } = tf.variableGrads(() => tf.sum(tf.square(forward(x))) as tf.Scalar, weights);
    gradients = parameters.declarations.map(({ name }) => [
      name,
      grads[parameters.get(name).name]?.dataSync<"float32">(),
    ]);
    out = forward(x).dataSync<"float32">();
  });
  return { out, gradients };
}

const SPECS: readonly (readonly [string, OperatorSpec])[] = [
  ...[
    "additive-global",
    "additive-causal",
    "linear-global",
    "linear-elu-global",
    "linear-exp-normalised-global",
    "linear-relu-normalised-global",
    "efficient-attention",
    "softmax-full",
    "softmax-causal",
    "hgrn2-2scan",
    "vector-2scan-alternate",
    "vector-2scan-head-split",
    "constant-4scan",
  ].map((id) => [id, contenders.get(id).spec] as const),
  ...(["constant", "scalar", "vector"] as const).map(
    (decay) => [`${decay}-causal`, contenders.get(`${decay}-causal`).spec] as const,
  ),
  ["vector-2scan, own decays", { ...contenders.get("vector-2scan").spec, sharing: "decay" }],
  ["scalar-2scan, nothing shared", { ...contenders.get("scalar-2scan").spec, sharing: "none" }],
];

await describeOnEachEngine("token mixers", (engine, id) => {
  const specs = id === "cpu" ? SPECS.slice(0, 3) : SPECS;

  test.each(specs)("%s: every weight of its own has a finite gradient, and nothing leaks", async (_, operator) => {
    await expectNoLeak(engine(), async () => {
      const mixer = await mixerForBenchmark({ operator, encoding: "md-lrpe" }, PLACE, 3, engine());
      const { out, gradients } = outputAndGradients(mixer);
      mixer.parameters.dispose();
      expect(out.length).toBe(B * N * C);
      expect(out.every(Number.isFinite)).toBe(true);
      for (const [name, gradient] of gradients) {
        if (name.startsWith("stack.")) continue; // lower bounds begin in the second layer
        expect(
          gradient === undefined
            ? [name, "no gradient"]
            : [name, gradient.some((value) => value !== 0) && gradient.every(Number.isFinite)],
        ).toEqual([name, true]);
      }
    });
  });

  test.each(id === "cpu" ? [] : models.all().map((model) => [model.id, model.mixer] as const))(
    "the layer of %s: every weight has a finite gradient, and nothing leaks",
    async (_, spec) => {
      const place = spec.operator.causal ? { ...PLACE, grid: [9], prefix: 0 } : PLACE;
      await expectNoLeak(engine(), async () => {
        const mixer = await mixerForBenchmark(spec, place, 3, engine());
        const { gradients } = outputAndGradients(mixer, tokensOf(place));
        const dead = gradients.filter(
          ([, values]) => values?.some((value) => value !== 0) !== true || !values.every(Number.isFinite),
        );
        mixer.parameters.dispose();
        expect(dead.map(([name]) => name).filter((name) => !name.startsWith("stack."))).toEqual([]); // lower bounds begin in the second layer
      });
    },
  );

  test.each(id === "cpu" ? [] : models.all().map((model) => [model.id, model.mixer] as const))(
    "the layer of %s: its parts are timed apart, and taken once",
    async (_, spec) => {
      const place = spec.operator.causal ? { ...PLACE, grid: [9], prefix: 0 } : PLACE;
      let now = 0; // goes on by one with every reading: a part that ran k times has k seconds
      const times = new SegmentTimes({ now: () => now++, timestamp: () => "" });
      const mixer = await mixerForBenchmark(spec, { ...place, asSegment: times.asSegment }, 3, engine());
      const { shape, values } = tokensOf(place);
      const call = () => tf.tidy(() => void mixer.forward(tf.tensor3d(values, shape)));
      call();
      expect(now).toBe(0); // a call that is timed whole looks at no clock
      const taken = times.of(call);
      const isTied = spec.operator.tiedKey === true;
      expect(taken).toMatchObject({ projections: isTied ? 3 : 4, operator: 1, "norm and gate": 1 });
      expect(times.of(() => undefined)).toEqual({});
      mixer.parameters.dispose();
    },
  );

  test("a short filter on a line that is read forwards is the definition, and no token sees a later one", async () => {
    const spec = models.get("mamba2-causal").mixer;
    const place = { width: 16, heads: 2, grid: [5], prefix: 0, layer: 0, depth: 1 };
    const filter = shortFilter(layerOf(spec), place, true);
    const [x, taps] = [new Random(1).normals(5 * 2), new Random(2).normals(4 * 2)];
    const y = tf.tidy(() => filter(tf.tensor(x, [1, 5, 2]), tf.tensor(taps, [4, 2])).dataSync());
    const expected = Float64Array.from({ length: 10 }, (__, at) => {
      const [t, c] = [Math.floor(at / 2), at % 2];
      return [0, 1, 2, 3].reduce((sum, s) => sum + (t - 3 + s < 0 ? 0 : taps[2 * s + c]! * x[2 * (t - 3 + s) + c]!), 0);
    });
    expect(largestRelativeError(y, expected)).toBeLessThan(toleranceOf("float32", engine().device.kind).output);
  });

  test.each(ENCODINGS)(
    "encoding %s changes what relative encodings should change, in every family",
    async (encoding) => {
      for (const contender of ["additive-global", "softmax-full", "hgrn2-2scan", "efficient-attention"]) {
        const run = async (spec: MixerSpec) => {
          const mixer = await mixerForBenchmark(spec, PLACE, 3, engine());
          const { out } = outputAndGradients(mixer);
          mixer.parameters.dispose();
          return out;
        };
        const operator = contenders.get(contender).spec;
        const encoded = await run({ operator, encoding });
        const plain = await run({ operator, encoding: "none" });
        const differs = encoded.some((value, i) => Math.abs(value - plain[i]!) > 1e-4);
        expect([contender, differs]).toEqual([contender, encodings.get(encoding).kind === "relative"]);
        expect(encoded.every(Number.isFinite)).toBe(true);
      }
    },
  );

  test.each(["md-lrpe", "rope"] as const)(
    "%s encodes what directions do not share one direction at a time",
    async (encoding) => {
      const { relative } = await encodings.get(encoding).load();
      const encoder = relative!({ heads: 2, D: 4, place: { grid: [3, 2] } });
      tf.tidy(() => {
        const directions = [0, 1].map((seed) => tf.tensor4d(new Random(seed).normals(2 * 2 * 6 * 4), [2, 2, 6, 4])); // [B, H, N, D]
        const together = encoder.encode(tf.stack(directions));
        const apart = tf.stack(directions.map((direction) => encoder.encode(direction)));
        expect(together.shape).toEqual(apart.shape);
        expect(together.dataSync()).toEqual(apart.dataSync());
      });
      encoder.dispose();
    },
  );

  test("weights of the same name and shape start alike in every contender of a seed", async () => {
    const values = async (contender: string, seed: number) => {
      const { parameters } = await mixerForBenchmark(
        { operator: contenders.get(contender).spec, encoding: "none" },
        PLACE,
        seed,
        engine(),
      );
      const wq = parameters.get("mixer.wq").dataSync();
      parameters.dispose();
      return wq;
    };
    expect(await values("softmax-full", 5)).toEqual(await values("additive-global", 5));
    expect(await values("softmax-full", 6)).not.toEqual(await values("additive-global", 5));
  });

  test("an operator that is impossible on the grid is refused before anything is held", async () => {
    await expectNoLeak(engine(), async () => {
      const operator = contenders.get("vector-6scan").spec;
      await expect(mixerForBenchmark({ operator, encoding: "none" }, PLACE, 1, engine())).rejects.toThrow(UsageError);
    });
  });
});
