import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { restoreRemovedFunctions } from "./backend.ts";
import { applySettings } from "./settings.ts";

test("what is not set gets the defaults that make measurements comparable", () => {
  const variables: Record<string, string | undefined> = {};
  expect(applySettings(variables)).toEqual({
    threads: availableParallelism(),
    oneDnn: "default",
    tf32: false,
    memoryGrowth: true,
  });
  expect(variables).toEqual({
    TF_CPP_MIN_LOG_LEVEL: "2",
    NVIDIA_TF32_OVERRIDE: "0",
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
  });
});

test("what is set stays and is recorded", () => {
  const variables = {
    TF_NUM_INTRAOP_THREADS: "3",
    TF_ENABLE_ONEDNN_OPTS: "0",
    NVIDIA_TF32_OVERRIDE: "1",
    TF_FORCE_GPU_ALLOW_GROWTH: "false",
    TF_CPP_MIN_LOG_LEVEL: "0",
  };
  const before = { ...variables };
  expect(applySettings(variables)).toEqual({ threads: 3, oneDnn: "off", tf32: true, memoryGrowth: false });
  expect(variables).toEqual(before);
});

test("the functions that Node 23 removed come back, and those that are there stay", () => {
  const util: Record<string, unknown> = {};
  restoreRemovedFunctions(util);
  const isNullOrUndefined = util["isNullOrUndefined"] as (value: unknown) => boolean;
  expect([null, undefined, 0, ""].map(isNullOrUndefined)).toEqual([true, true, false, false]);
  expect((util["isArray"] as (value: unknown) => boolean)([])).toBe(true);
  const present = () => true;
  const kept: Record<string, unknown> = { isNullOrUndefined: present };
  restoreRemovedFunctions(kept);
  expect(kept["isNullOrUndefined"]).toBe(present);
});
