import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { suiteCommand } from "./suite-command.ts";

const { manifest } = fixtureRun();

test("flags that differ from what the command line assumes are written out, repeated ones repeated", () => {
  const flags = {
    scale: "small",
    engine: "wasm",
    executor: "local",
    dataDir: "my data",
    filter: ["dataset=mnist", "seed=0,1"],
    trainSteps: 300,
    trainBudget: 60,
  };
  expect(suiteCommand("decode", [{ ...manifest, suites: ["decode"], flags }])).toBe(
    "npx lightnet-bench run decode --scale small --engine wasm --data-dir 'my data' --filter dataset=mnist --filter seed=0,1 --train-steps 300 --train-budget 60s",
  );
});

test("a whole run is narrowed to the suite; runs that agree give one command", () => {
  const smoke = {
    ...manifest,
    suites: ["decode"],
    command: "lightnet-bench reproduce",
    flags: { scale: "smoke", engine: "auto", executor: "local" },
  };
  expect(suiteCommand("decode", [smoke, { ...smoke, run: "again" }])).toBe("npx lightnet-bench run decode");
  expect(suiteCommand("recall", [smoke])).toBe("npx lightnet-bench run recall");
});
