import { expect, test, vi } from "vitest";
import { matchupId, type TrainingCase } from "#case/case";
import { trainingRecord } from "#testing/simulated-records";
import { printPlan } from "./print-plan.ts";

test("processes that would read alike are told apart by what differs", () => {
  const item = trainingRecord({ seed: 1, top1: 0.5 }).case as TrainingCase;
  const cases = [0.001, 0.01].map((learningRate) => ({ ...item, recipe: { ...item.recipe, learningRate } }));
  const remaining = cases.map((one) => ({ matchup: matchupId(one), process: 0, cases: [one] }));
  const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  printPlan({ remaining, total: 2, folder: "somewhere", secondsOf: () => undefined });
  const lines = String(written.mock.calls[0]![0]).split("\n");
  written.mockRestore();
  expect(lines[0]).toMatch(/process 1; contenders: additive-global; learningRate 0\.001$/);
  expect(lines[1]).toMatch(/; learningRate 0\.01$/);
});
