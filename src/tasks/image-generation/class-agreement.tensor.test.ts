import { expect, test } from "vitest";
import type { Recipe } from "#case/case";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { classAgreement, trainJudge } from "./class-agreement.ts";
import { cleanDataOf } from "./clean-data.ts";
import type { Perceptron } from "./perceptron.ts";

test("samples count where their own class has the largest logit, alone", async () => {
  const judge: Pick<Perceptron, "logitsOf"> = {
    // samples of classes 0, 1, 2, 0: right, wrong, even, no number
    logitsOf: () => Promise.resolve(Float32Array.of(2, 1, 0, 3, 2, 1, 5, 0, 5, Number.NaN, 0, 0)),
  };
  expect(await classAgreement(judge, new Float32Array(4), 4)).toBe(0.25);
});

await describeOnEachEngine("the judge of classes", (engine, id) => {
  test.skipIf(id === "cpu")("agrees with real images, class after class, and not with exchanged ones", async () => {
    const data = cleanDataOf("synthetic-shapes", undefined, { testExamples: 256 } as Recipe);
    await expectNoLeak(engine(), async () => {
      const judge = await trainJudge(data, { steps: 400 });
      const numbers = Array.from({ length: 256 }, (_, i) => i); // labels of the set are 0 to 7 in turn
      const agreement = await classAgreement(judge, data.test.values(numbers), 256);
      expect(agreement).toBeCloseTo(judge.accuracy, 6);
      expect(agreement).toBeGreaterThan(0.6);
      const exchanged = numbers.map((i) => (i % 8 === 7 ? i - 7 : i + 1));
      expect(await classAgreement(judge, data.test.values(exchanged), 256)).toBeLessThan(0.2);
      judge.dispose();
    });
  });
});
