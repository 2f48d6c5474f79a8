import { expect, test } from "vitest";
import { evidenceOf } from "#evidence/evidence";
import { fixtureRun } from "#testing/fixture-records";
import { numbersOf, placeWords, ratioBars, resultsText } from "./terminal-table.ts";

const { manifest, records } = fixtureRun({ processes: 2 });
const { results, ratios } = evidenceOf([{ manifest, records }], { resamples: 50 });
const layer = results.filter(
  ({ axes }) =>
    axes["suite"] === "scan-count" && axes["level"] === "mixer" && axes["dims"] === 2 && axes["pass"] === "forward",
);

test("the subject stands first with its time, the others follow from fast to slow as multiples of it", () => {
  const [base, ...others] = numbersOf(layer, ratios);
  expect(base!.result.contender).toBe("additive-global");
  expect(base!.value).toMatch(/ ms$/);
  expect(base!.ratio).toBeUndefined();
  const lines = ratioBars(layer, ratios).split("\n");
  expect(lines.length).toBe(layer.length);
  expect(lines[0]).toMatch(/LightNet.* ms +████████$/);
  const estimates = others.flatMap(({ ratio }) => ratio?.estimate ?? []).toSorted((a, b) => a - b);
  const printed = lines.slice(1).flatMap((line) => /([\d.]+) \[/.exec(line)?.[1] ?? []);
  expect(printed.length).toBe(estimates.length);
  printed.forEach((text, index) => expect(Math.abs(Number(text) / estimates[index]! - 1)).toBeLessThan(0.1));
  expect(others.some(({ ratio }) => ratio !== undefined)).toBe(true);
});

test("no line is longer than a terminal is wide, whatever was measured", () => {
  const lines = resultsText(results, ratios).split("\n");
  expect(lines.length).toBeGreaterThan(results.length);
  expect(lines.filter((line) => line.length > 110)).toEqual([]);
});

test("a case without a number says what became of it, scores are named above them and go from the best to the worst", () => {
  const text = resultsText(results, ratios);
  expect(text).toMatch(/ {2}timeout$/m);
  const [, below] = text.split(/^image-classification .*, test accuracy, top-1, n = 3$/m);
  const scores = [...below!.matchAll(/ (\d+) \[.*\] %$/gm)].map(([, score]) => Number(score));
  expect(scores.length).toBeGreaterThan(2);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
});

test("what a suite trains in several ways is told apart, and lone scores by the digits that their margin asks for", () => {
  const [trained] = results.filter(({ axes }) => axes["kind"] === "training");
  const [name, score] = [...trained!.training!.scores].find(([key]) => key === "top1")!;
  const twins = [0.001, 0.01].map((learningRate, index) => ({
    ...trained!,
    axes: { ...trained!.axes, learningRate },
    training: {
      ...trained!.training!,
      scores: new Map([[name, { estimate: score.estimate + index / 1000, confidence: 0.95, n: 1, method: "" }]]),
    },
  }));
  const lines = resultsText(twins, ratios).split("\n").slice(1);
  expect(lines.map((line) => /learning rate (\S+)/.exec(line)?.[1])).toEqual(["0.01", "0.001"]);
  const printed = lines.map((line) => Number(/([\d.]+) %$/.exec(line)?.[1]));
  expect(printed[0]! - printed[1]!).toBeCloseTo(0.1, 6);
});

test("trainings at places of one name are told apart in the place's line", () => {
  const [trained] = results.filter(({ axes }) => axes["kind"] === "training");
  const twins = ["none", "depthwise"].map((localMixing) => ({
    ...trained!,
    place: localMixing,
    axes: { ...trained!.axes, localMixing },
  }));
  const text = resultsText(twins, ratios);
  expect(text).toMatch(/, local mixing none, /);
  expect(text).toMatch(/, local mixing depthwise, /);
});

test("a place is named by what tells it from others", () => {
  expect(placeWords(layer[0]!.axes)).toBe("scan-count mixer forward 64x64");
  expect(placeWords({ suite: "recall", kind: "training", task: "recall", dataset: "synthetic-recall" })).toBe(
    "recall synthetic-recall",
  );
});
