import { expect, test } from "vitest";
import { findDatasets } from "#data/sets/registry";
import { imageClassification } from "../../suites/image-classification.ts";
import { scanCount } from "../../suites/scan-count.ts";
import { describeData } from "./data-in-use.ts";

test("generated data are called so, and what is missing is named before it fails", () => {
  const context = { engine: "wasm", datasets: [], seeds: 1 } as const;
  expect(describeData(imageClassification.cases({ ...context, scale: "small" }), findDatasets())).toEqual([
    "data: synthetic-shapes (generated), pathfinder (generated)",
  ]);
  const [line, ...others] = describeData(imageClassification.cases({ ...context, scale: "paper" }), findDatasets());
  expect(line).toMatch(/^imagenet-1k is not here, its cases will fail: /);
  expect(others).toEqual([]);
  expect(describeData(scanCount.cases({ ...context, scale: "smoke" }), findDatasets())).toEqual([]);
});
