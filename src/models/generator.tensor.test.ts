import { expect, test } from "vitest";
import { UsageError } from "#base/errors";
import { Random } from "#base/random";
import * as tf from "#engine/tf";
import { largestRelativeError, toleranceOf } from "#engine/tolerance";
import { ENCODINGS, type ModelSpec } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { createGenerator, drawToken, generate } from "./generator.ts";
import { createLanguageModel } from "./language-model.ts";

const INPUT = { tokens: 20, vocabulary: 7 } as const;
const CAUSAL = [
  "additive-causal",
  "softmax-causal",
  "hgrn2-causal",
  "vector-causal",
  "scalar-causal",
  "constant-causal",
  "linear-causal",
];
const IDS = Int32Array.from({ length: 40 }, (_, i) => (i * i + 3 * (i % 20)) % 7); // two sequences of 20

function modelWith(contender: string, encoding: ModelSpec["mixer"]["encoding"]): ModelSpec {
  const mixer = { operator: contenders.get(contender).spec, encoding };
  return { variant: "test", width: 8, depth: 2, heads: 2, gluWidth: 12, mixer, localMixing: "none" };
}

await describeOnEachEngine("generation with carried state", (engine) => {
  const pairs = [
    ...CAUSAL.flatMap(
      (id) =>
        [
          [id, "lrpe"],
          [id, "none"],
        ] as const,
    ),
    ...ENCODINGS.flatMap(
      (encoding) =>
        [
          ["additive-causal", encoding],
          ["softmax-causal", encoding],
          ["hgrn2-causal", encoding],
        ] as const,
    ),
  ];

  test.each(pairs)(
    "%s with encoding %s: token by token equals the whole sequence at once",
    async (contender, encoding) => {
      await expectNoLeak(engine(), async () => {
        const model = modelWith(contender, encoding);
        const { parameters, forward } = await createLanguageModel(model, INPUT, { seed: 1, engine: engine() });
        tf.tidy(() => void parameters.get("embedding").assign(tf.tensor2d(new Random(3).normals(7 * 8), [7, 8])));
        const whole = tf.tidy(() => forward(tf.tensor2d(IDS, [2, 20], "int32")));
        const expected = await whole.data();
        const generator = await createGenerator(model, INPUT, parameters, engine());
        for (const round of ["from nothing", "after a reset"]) {
          for (let t = 0; t < 20; t++) {
            const logits = generator.step(Int32Array.of(IDS[t]!, IDS[20 + t]!));
            const row = (sequence: number) => [...expected.slice((sequence * 20 + t) * 7, (sequence * 20 + t + 1) * 7)];
            const error = largestRelativeError(await logits.data(), Float32Array.from([...row(0), ...row(1)]));
            expect(error, `${round}, token ${t}`).toBeLessThan(
              10 * toleranceOf("float32", engine().device.kind).output,
            );
            logits.dispose();
          }
          expect(generator.position).toBe(20);
          generator.reset();
        }
        tf.dispose(whole);
        parameters.dispose();
      });
    },
  );

  test("what is carried stays the same size with additive decay, and grows with softmax attention", async () => {
    const bytesAfter = async (contender: string) => {
      const model = modelWith(contender, "lrpe");
      const { parameters } = await createLanguageModel(model, INPUT, { seed: 1, engine: engine() });
      const generator = await createGenerator(model, INPUT, parameters, engine());
      const sizes = [4, 16].map((length) => {
        while (generator.position < length) generator.step(Int32Array.of(1)).dispose();
        return generator.stateBytes;
      });
      generator.reset();
      parameters.dispose();
      return sizes;
    };
    const [early, late] = await bytesAfter("additive-causal");
    expect(late).toBe(early);
    const [few, many] = await bytesAfter("softmax-causal");
    expect(many).toBe(4 * few!);
  });

  test("the likeliest tokens are those of the whole sequence; trained positions end", async () => {
    const model = modelWith("softmax-causal", "learned");
    const { parameters, forward } = await createLanguageModel(model, INPUT, { seed: 1, engine: engine() });
    const generator = await createGenerator(model, INPUT, parameters, engine());
    const prompt = IDS.slice(0, 5);
    const written = await generate(generator, prompt, { length: 6, temperature: 0, random: new Random(1) });
    const all = tf.tidy(() => [
      ...tf
        .argMax(forward(tf.tensor2d([...prompt, ...written, ...new Array<number>(9).fill(0)], [1, 20], "int32")), 2)
        .dataSync(),
    ]);
    expect([...written]).toEqual(all.slice(4, 10));
    while (generator.position < 20) generator.step(Int32Array.of(0)).dispose();
    expect(() => generator.step(Int32Array.of(0))).toThrow(UsageError);
    generator.reset();
    await expect(createGenerator({ ...model, localMixing: "md-tpe" }, INPUT, parameters, engine())).rejects.toThrow(
      "local mixing",
    );
    await expect(createGenerator(modelWith("softmax-full", "none"), INPUT, parameters, engine())).rejects.toThrow(
      "sees all tokens",
    );
    parameters.dispose();
  });
});

test("tokens are drawn as often as their probabilities say", () => {
  const random = new Random(2);
  const logits = Float32Array.of(Math.log(1), Math.log(2), Math.log(5), -Infinity);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 8000; i++) counts[drawToken(logits, 1, random)]!++;
  [1000, 2000, 5000].forEach((expected, id) => expect(Math.abs(counts[id]! - expected)).toBeLessThan(200)); // about five deviations
  expect(counts[3]).toBe(0);
  expect(drawToken(logits, 0, random)).toBe(2);
});
