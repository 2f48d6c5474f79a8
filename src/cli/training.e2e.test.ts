// Training through the command line, killed for real.

import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { EXIT } from "#base/errors";
import { loadRun } from "#store/load";
import { finishedTrainings } from "#store/trainings";
import { lightnetBench } from "#testing/command";

const TIMEOUT_MS = 420_000;
const TRAINING = [
  "run",
  "image-classification",
  "--engine",
  "wasm",
  "--filter",
  "contender=lightnet",
  "--filter",
  "dataset=synthetic-shapes",
  "--train-steps",
  "100",
  "--checkpoint-every",
  "1s",
];

/** The learning curve and the scores, without how long they took. */
function learned(run: string): unknown {
  const trained = finishedTrainings(loadRun(run).records).map(({ training }) => training);
  expect(trained).toHaveLength(1);
  const { curve, scores, floor } = trained[0]!;
  return { curve: curve.map(({ step, values }) => ({ step, values })), scores, floor };
}

/** Resolves when training has written a checkpoint. */
async function untilCheckpoint(run: string): Promise<void> {
  const folder = join(run, "checkpoints");
  while (!existsSync(folder) || !readdirSync(folder).some((name) => name.endsWith(".safetensors"))) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test(
  "training killed with SIGKILL and resumed ends with exactly the curve and scores of an undisturbed run",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "lightnet-bench-"));
    const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
    const undisturbed = await lightnetBench([...TRAINING, "--out", whole], folder);
    expect(undisturbed.exitCode, undisturbed.all).toBe(0);

    const parent = lightnetBench([...TRAINING, "--out", killed], folder);
    await untilCheckpoint(killed);
    await execa({ reject: false })`pkill -KILL -P ${parent.pid!}`;
    parent.kill("SIGKILL");
    await parent;
    expect(loadRun(killed).records).toEqual([]);

    const resumed = await lightnetBench(["run", "--resume", killed, "--verbose"], folder);
    expect(resumed.exitCode, resumed.all).toBe(0);
    expect(resumed.stderr).not.toMatch(/ step 1 of 100,/); // it went on, and did not begin again
    expect(learned(killed)).toEqual(learned(whole));
  },
  TIMEOUT_MS,
);

test(
  "a run's budget stops a training in flight: exit 5, a report, and a run that is not called finished",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "lightnet-bench-"));
    const cut = join(folder, "cut");
    const long = [
      "run",
      "image-classification",
      "--engine",
      "wasm",
      "--scale",
      "small",
      "--seeds",
      "1",
      "--filter",
      "contender=lightnet",
      "--filter",
      "dataset=synthetic-shapes",
    ];
    const result = await lightnetBench([...long, "--run-budget", "30s", "--out", cut], folder);
    expect(result.exitCode, result.all).toBe(EXIT.incomplete);
    expect(result.stderr).toMatch(
      /the run's budget is spent: 1 process left; continue with: lightnet-bench run --resume/,
    );
    const { manifest, records } = loadRun(cut);
    expect([records.length, manifest.finishedAt]).toEqual([0, undefined]);
    expect(existsSync(join(cut, "report.html"))).toBe(true);
    expect(existsSync(join(cut, "lock"))).toBe(false);

    expect(readdirSync(join(cut, "checkpoints"))).toEqual([expect.stringMatching(/^[0-9a-f]+\.safetensors$/)]); // long before the first of every minute
    const resumed = await lightnetBench(["run", "--resume", cut, "--run-budget", "30s", "--verbose"], folder);
    expect(resumed.exitCode, resumed.all).toBe(EXIT.incomplete);
    expect(resumed.stderr).toMatch(/ step \d+ of /);
    expect(resumed.stderr).not.toMatch(/ step 1 of /);
  },
  TIMEOUT_MS,
);
