import { expect, test } from "vitest";
import { allSuites } from "../../suites/index.ts";
import { caseId, type TrainingCase } from "#case/case";
import type { OkRecord } from "#store/record";
import { trainingRecord } from "#testing/simulated-records";
import { expectations, totalOf } from "./estimate.ts";
import { expand } from "./expand.ts";
import { planAtoms } from "./plan.ts";
import { paceOf, steadyPace, trainingFlops } from "./training-pace.ts";

const SUITES = allSuites.filter(({ id }) => ["recall", "image-classification"].includes(id));
const atomsAt = (scale: "smoke" | "paper") => planAtoms(expand(SUITES, { scale, engine: "wasm", found: [] }));
const atoms = { smoke: atomsAt("smoke"), paper: atomsAt("paper") };
const first = (scale: "smoke" | "paper", suite: string) =>
  atoms[scale].find(({ cases }) => cases[0]!.suite === suite)!.cases[0] as TrainingCase;

/** A record of this case whose steps took so long. */
function trained(item: TrainingCase, seconds: number) {
  const record = trainingRecord({ seed: 0, top1: 0.5 }) as OkRecord;
  const curve = [{ step: item.recipe.steps, elapsedSeconds: seconds, values: {} }];
  return { ...record, case: item, caseId: caseId(item), training: { ...record.training!, curve } };
}

test("twice the steps, or twice the batch, are twice the operations", () => {
  const item = first("smoke", "recall");
  const flops = trainingFlops(item)!;
  expect(flops).toBeGreaterThan(0);
  expect(trainingFlops({ ...item, recipe: { ...item.recipe, steps: 2 * item.recipe.steps } })).toBe(2 * flops);
  expect(trainingFlops({ ...item, recipe: { ...item.recipe, batch: 2 * item.recipe.batch } })).toBe(2 * flops);
});

test("a training that was never run goes at the pace of those of its task, else of any", () => {
  const [small, large] = [first("smoke", "recall"), first("paper", "recall")];
  const rate = trainingFlops(small)! / 10;
  const pace = paceOf([[trained(small, 10)], [trained(first("smoke", "image-classification"), 1e6)]]);
  expect(pace(large)).toBeCloseTo(trainingFlops(large)! / rate);
  expect(paceOf([[trained(small, 10)]])(first("paper", "image-classification"))).toBeGreaterThan(0);
  expect(paceOf([])(large)).toBeUndefined();
});

test("every training at scale paper has a time at a given pace", () => {
  const { seconds, unknown } = totalOf(atoms.paper, expectations([], { contenderBudget: 30, pace: steadyPace(1e13) }));
  expect(unknown).toBe(0);
  expect(seconds).toBeGreaterThan(3600);
});
