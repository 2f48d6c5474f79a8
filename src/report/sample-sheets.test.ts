import { expect, test } from "vitest";
import type { Result } from "#evidence/result";
import { sampleSheets } from "./sample-sheets.ts";

const result = (id: string, contender: string, dataset: string, stale = false): Result =>
  ({
    id,
    contender,
    stale,
    case: { kind: "training", model: { id: contender } },
    axes: { dataset, variant: "DiT-mini", seed: 0, steps: 1500, scale: "small" },
    training: { first: { dataLabel: "MNIST", synthetic: false, method: "300 samples" } },
  }) as unknown as Result;

test("contenders of one data set and size share a sheet, which names its classes; what made no picture is left out", () => {
  const png = Buffer.from("a");
  const pictures = new Map(["a", "b", "c", "old"].map((id) => [id, png]));
  const results = [
    result("a", "lightnet", "mnist"),
    result("b", "softmax-rope", "mnist"),
    result("none", "hgrn2-2scan", "mnist"),
    result("old", "hgrn2-2scan", "mnist", true),
    result("c", "lightnet", "synthetic-shapes"),
  ];
  const [digits, shapes, ...others] = sampleSheets("image-generation", results, pictures);
  expect(others).toEqual([]);
  expect(digits!.id).toBe("image-generation-samples-mnist-DiT-mini");
  expect(digits!.title).toBe("Samples below real images — MNIST, model DiT-mini");
  expect(digits!.note).toMatch(
    /^First row: real images .* class: 0, 1, .*9\. seed 0, 1500 training steps, MNIST, .*300 samples$/,
  );
  expect(digits!.grids.map(({ caseId, label }) => [caseId, label])).toEqual([
    ["a", "LightNet (rotating LRPE, MD-TPE)"],
    ["b", "softmax attention (RoPE)"],
  ]);
  expect(shapes!.grids).toHaveLength(1);
  expect(sampleSheets("image-generation", results)).toEqual([]);
});
