import { expect, test } from "vitest";
import { modelSpecSchema } from "#case/case";
import { parametersOf } from "#weights/model";
import { contenders } from "./contenders.ts";
import { models, subjectModel } from "./models.ts";
import { modelOf, modelSizes, namedModel } from "./sizes/model-sizes.ts";

test("LightNet as its authors build it: MD-TPE with a start of 0.5 on every axis, trained rotating encoding", () => {
  for (const id of ["lightnet", "lightnet-causal"])
    expect(models.get(id)).toMatchObject({
      mixer: { operator: { op: "additive" }, encoding: "md-lrpe-rotating", angles: "learned" },
      localMixing: "md-tpe-per-axis",
      localMixingStart: 0.5,
    });
});

test("no two models are the same experiment, and labels tell them apart", () => {
  const spelled = models.all().map(({ mixer, localMixing }) => JSON.stringify({ mixer, localMixing }));
  expect(new Set(spelled).size).toBe(spelled.length);
  const labels = models.all().map(({ label }) => label);
  expect(new Set(labels).size).toBe(labels.length);
});

test("a name is a model's or an operator's; both only where trainings of schema 1 have it", () => {
  const both = models.ids().filter((id) => contenders.has(id));
  expect(both).toEqual(["hgrn2-2scan", "hgrn2-causal"]);
});

test("a model is spelled out whole in its case", () => {
  for (const { id } of models.all()) {
    const spec = namedModel(modelSizes.get("DiT-midi"), id);
    expect(modelSpecSchema.parse(spec)).toEqual(spec);
    expect(spec.id).toBe(id);
  }
});

test.each(["mini", "DiT-mini", "mlm-mini", "lm-mini", "T", "lm-44m"])(
  "size %s: all models of a form have LightNet's number of parameters within 2 %%",
  (id) => {
    const size = modelSizes.get(id);
    for (const model of models.all()) {
      const { causal } = model.mixer.operator;
      if (causal !== (size.task === "autoregressive-lm") || model.id.endsWith("head-split")) continue;
      const count = (name: string) => parametersOf(namedModel(size, name), size.input);
      expect([model.id, Math.abs(count(model.id) / count(subjectModel({ causal }).id) - 1) < 0.02]).toEqual([
        model.id,
        true,
      ]);
    }
  },
);

test("the subject has the GLU of its size", () => {
  for (const size of modelSizes.all()) {
    const id = subjectModel({ causal: size.task === "autoregressive-lm" }).id;
    expect([size.id, namedModel(size, id).gluWidth]).toEqual([size.id, size.gluWidth]);
  }
});

test("unnamed combinations keep the widths of LightNet's layer", () => {
  const spec = modelOf(modelSizes.get("mini"), { operator: contenders.get("softmax-full").spec, encoding: "md-lrpe" });
  expect([spec.gluWidth, spec.id]).toEqual([192, undefined]);
});
