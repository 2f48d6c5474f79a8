import { expect, test } from "vitest";
import { SCALES, type TrainingCase } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { modelOf, modelSizes } from "#catalogue/sizes/model-sizes";
import { countModel } from "#models/cost";
import { sharing } from "./sharing.ts";

test.each(SCALES)("scale %s: every way of sharing has LightNet's number of parameters within 2 %", (scale) => {
  const cases = sharing.cases({ scale, engine: "wasm", datasets: [], seeds: 1 }) as readonly TrainingCase[];
  for (const { model, contender } of cases) {
    const size = modelSizes.get(model.variant);
    const subject = modelOf(
      size,
      { operator: contenders.get("additive-global").spec, encoding: model.mixer.encoding },
      model.localMixing,
    );
    const share = countModel(model, size.input).parameters / countModel(subject, size.input).parameters;
    expect(Math.abs(share - 1), contender).toBeLessThan(0.02);
  }
});

test("GLU widths of directions with weights of their own are those of the published run", () => {
  const cases = sharing.cases({ scale: "small", engine: "wasm", datasets: [], seeds: 1 }) as readonly TrainingCase[];
  const widths = new Map(cases.map(({ contender, model }) => [contender, model.gluWidth]));
  expect(["own-decay", "own-k-decay", "own-all"].map((own) => widths.get(`vector-2scan-${own}`))).toEqual([
    152, 128, 88,
  ]);
});

test("beyond smoke every kind of sharing and both merges are there", () => {
  const specs = (
    sharing.cases({ scale: "small", engine: "wasm", datasets: [], seeds: 1 }) as readonly TrainingCase[]
  ).map(({ model }) => model.mixer.operator);
  expect(specs.map((spec) => spec.sharing ?? "all").sort()).toEqual(["all", "all", "all", "decay", "k+decay", "none"]);
  expect(specs.filter(({ merge }) => merge === "mean")).toHaveLength(1);
});
