// Trainings side by side: the same scores, and step times of claims taken alone.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadRun } from "#store/load";
import { finishedTrainings } from "#store/trainings";
import { lightnetBench } from "#testing/command";

const TRAININGS = [
  ...["run", "recall", "--engine", "wasm", "--seeds", "1", "--train-steps", "8"],
  ...["--filter", "dataset=mqar-16"],
];

function trained(run: string) {
  return finishedTrainings(loadRun(run).records).map(({ caseId, training }) => ({ id: caseId, ...training }));
}

test(
  "--jobs 2 ends with the scores of --jobs 1, and says which steps were timed alone",
  { timeout: 300_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "lightnet-bench-"));
    const [one, two] = [join(folder, "one"), join(folder, "two")];
    for (const [jobs, out] of [["1", one] as const, ["2", two] as const]) {
      const run = await lightnetBench([...TRAININGS, "--jobs", jobs, "--out", out], folder);
      expect(run.exitCode, run.all).toBe(0);
    }
    const scores = (run: string) => new Map(trained(run).map(({ id, scores: found }) => [id, found]));
    expect(scores(one).size).toBeGreaterThan(1);
    expect(scores(two)).toEqual(scores(one));
    expect(trained(one).every(({ aloneStepSecondsSamples }) => aloneStepSecondsSamples === undefined)).toBe(true);
    for (const { aloneStepSecondsSamples = [] } of trained(two)) expect(aloneStepSecondsSamples).toHaveLength(5);
  },
);
