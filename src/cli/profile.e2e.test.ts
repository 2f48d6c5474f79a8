// `profile` as a person runs it.

import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { EXIT } from "#base/errors";
import { lightnetBench } from "#testing/command";

const CASE = ["train-step", "--filter", "task=image-classification", "--filter", "contender=softmax-rope"];
const profile = (...args: string[]) => lightnetBench(["profile", ...args], tmpdir());

test("a step of engine wasm: header, parts, modules, kernels, and the same as JSON by the case's id", async () => {
  const shown = await profile(...CASE, "--profile-steps", "2");
  expect(shown.exitCode).toBe(EXIT.ok);
  for (const part of [
    /^engine wasm, threads 1/m,
    /the profile itself: median step/,
    /^backward /m,
    /^glu /m,
    /^BatchMatMul /m,
  ])
    expect(shown.stdout).toMatch(part);
  const id = /^([0-9a-f]{16}): suite=train-step contender=softmax-rope/.exec(shown.stdout)![1]!;
  const json = await profile(id, "--profile-steps", "1", "--json", "--threads", "1");
  const { caseId, steps, rows, profiledSeconds } = JSON.parse(json.stdout) as {
    caseId: string;
    steps: number;
    rows: { seconds: number }[];
    profiledSeconds: number;
  };
  expect([caseId, steps]).toEqual([id, 1]);
  const sum = rows.reduce((seconds, row) => seconds + row.seconds, 0);
  expect(sum).toBeGreaterThan(0);
  expect(sum).toBeLessThanOrEqual(profiledSeconds);
});

test.each([
  [["nothing-like-it"], /no suite is called "nothing-like-it", and no case of engine wasm at scale smoke/],
  [["train-step"], /8 cases fit; choose one by its id or by --filter: [0-9a-f]{16} lightnet task=image-classification/],
  [["scan-count"], /scan-count: no case here takes a training step/],
  [["train-step", "--engine", "webgpu"], /webgpu queues its kernels/],
  [["train-step", "--profile-steps", "0"], /--profile-steps .*a whole number from 1 to 1000/],
])("%j is refused with what to do", async (args, message) => {
  const { exitCode, all } = await profile(...args);
  expect(exitCode).toBe(EXIT.usage);
  expect(all).toMatch(message);
});
