import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { Steps } from "./steps.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tensorflow-steps-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const result = z.strictObject({ answer: z.number() });

function counted() {
  let runs = 0;
  const step = { id: "one", title: "counting", result, run: () => Promise.resolve({ answer: ++runs }) };
  return { step, runs: () => runs };
}

test("a finished step is not done again, also by the next set-up", async () => {
  const { step, runs } = counted();
  const said: string[] = [];
  expect(await new Steps(folder, (line) => said.push(line)).do(step)).toEqual({ answer: 1 });
  expect(await new Steps(folder, () => undefined).do(step)).toEqual({ answer: 1 });
  expect(runs()).toBe(1);
  expect(said[0]).toBe("counting …");
  expect(said).toHaveLength(2);
});

test("a failed or interrupted step is done again, and so is a forgotten one", async () => {
  const { step, runs } = counted();
  const steps = new Steps(folder, () => undefined);
  await expect(steps.do({ ...step, run: () => Promise.reject(new Error("no network")) })).rejects.toThrow("no network");
  await steps.do(step);
  steps.forget("one", "never done");
  expect(await steps.do(step)).toEqual({ answer: 2 });
  expect(runs()).toBe(2);
});

test("a stamp that does not fit counts as none", async () => {
  const { step } = counted();
  const steps = new Steps(folder, () => undefined);
  writeFileSync(join(folder, "steps", "one.json"), '{"answer":"none"}');
  expect(await steps.do(step)).toEqual({ answer: 1 });
  writeFileSync(join(folder, "steps", "one.json"), '{"answer":');
  expect(await steps.do(step)).toEqual({ answer: 2 });
});
