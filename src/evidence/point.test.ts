import { expect, test } from "vitest";
import { axesOf } from "#catalogue/axes";
import { contenders } from "#catalogue/contenders";
import type { Case, DecodeCase, TrainingCase } from "#case/case";
import { operatorCase, trainingRecord } from "#testing/simulated-records";
import { AXIS_ROLES, placeOf, pointOf, subjectAmong } from "./point.ts";

const operator = operatorCase("vector-2scan", 256);
const { spec, shape, suite, contender, engine, scale, seed } = operator;
const decode: DecodeCase = { kind: "decode", suite, contender, engine, precision: "float32", scale, seed, spec, shape };
const trained = trainingRecord({ seed: 1, top1: 0.9 }).case as TrainingCase;
const place = (item: Case): string => placeOf(pointOf(item));

test("every axis of every kind of case has a role: a new axis is to be listed", () => {
  const sharing = contenders.all().map(({ id }) => operatorCase(id, 256));
  const recipe = { ...trained.recipe, tokenOrder: "reversed" as const };
  const axes = [...sharing, decode, { ...trained, recipe }].flatMap((item) => Object.keys(axesOf(item)));
  expect([...new Set(axes)].filter((axis) => !Object.hasOwn(AXIS_ROLES, axis))).toEqual([]);
});

test("contenders and seeds share a point; shape, pass, engine, precision and scale make it", () => {
  expect(place(operatorCase("additive-global", 256))).toBe(place(operator));
  expect(place({ ...operator, seed: 7 })).toBe(place(operator));
  const others: Case[] = [
    operatorCase("vector-2scan", 512),
    { ...operator, pass: "forward+backward" },
    { ...operator, engine: "cpu" },
    { ...operator, precision: "float16" },
    { ...operator, scale: "paper" },
    { ...operator, shape: { ...shape, H: 12 } },
    decode,
  ];
  for (const other of others) expect(place(other)).not.toBe(place(operator));
});

test("a training's recipe belongs to its point whole, but for the learning rate", () => {
  const withRecipe = (more: Partial<TrainingCase["recipe"]>): TrainingCase => ({
    ...trained,
    recipe: { ...trained.recipe, ...more },
  });
  expect(place(withRecipe({ learningRate: 1 }))).toBe(place(trained));
  expect(place(withRecipe({ weightDecay: 0.5 }))).not.toBe(place(trained));
  expect(place(withRecipe({ steps: 61 }))).not.toBe(place(trained));
});

test("LightNet is the global form where there is one, else the causal one", () => {
  const entries = (...ids: string[]) => ids.map((id) => ({ contender: id }));
  expect(subjectAmong(entries("additive-causal", "additive-global"))?.contender).toBe("additive-global");
  expect(subjectAmong(entries("softmax-causal", "additive-causal"))?.contender).toBe("additive-causal");
  expect(subjectAmong(entries("softmax-full"))).toBeUndefined();
});
