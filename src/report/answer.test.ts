import { expect, test } from "vitest";
import type { Evidence } from "#evidence/evidence";
import type { Result } from "#evidence/result";
import { answerOf, cautionsOf } from "./answer.ts";

const layer = (contender: string, axes: object = {}): Result =>
  ({
    contender,
    stale: false,
    status: "ok",
    environments: ["e"],
    conditions: {},
    warnings: [],
    axes: { suite: "scan-count", level: "mixer", pass: "forward", dims: 2, N: 4096, engine: "wasm", ...axes },
  }) as unknown as Result;

/** Evidence of these results with their times over the subject's. */
function evidence(ratios: readonly (readonly [Result, estimate: number, low: number, high: number])[]): Evidence {
  const found = new Map(
    ratios.map(([result, estimate, low, high]) => [
      result,
      { estimate, low, high, n: 8, confidence: 0.95, method: "" },
    ]),
  );
  return {
    results: [...found.keys()],
    ratios: (result: Result) => found.get(result),
    claims: [],
    environments: new Map([["e", { cores: 2 }]]),
    manifests: [{ finishedAt: "2026-01-01" }],
  } as unknown as Evidence;
}

const sentencesOf = (from: Evidence): readonly string[] => answerOf(from).sentences;
const headlineOf = (from: Evidence): string | undefined => answerOf(from).headline;

test("a layer is set beside its fastest rival with two scans or more, on images, and beside the order-free form", () => {
  const [sentence] = sentencesOf(
    evidence([
      [layer("vector-2scan"), 1.25, 1.2, 1.3],
      [layer("vector-4scan"), 1.6, 1.5, 1.7],
      [layer("vector-1scan"), 1.1, 1.05, 1.15],
      [layer("vector-2scan", { dims: 1 }), 1.01, 1, 1.02],
      [layer("linear-global"), 1.01, 0.97, 1.04],
    ]),
  );
  expect(sentence).toBe(
    "One LightNet layer takes 0.80 [0.77, 0.83] times the time of its fastest rival with two or more scans, vector decay (GLA-like), 2 scans (2-D grid, N 4096, forward, engine wasm, n = 8 processes). Over plain linear attention, which is order-free too, no gain is shown: 0.99 [0.96, 1.03].",
  );
});

test("the sentence says so when no difference is shown, and when the order-free form is faster", () => {
  const [sentence] = sentencesOf(
    evidence([
      [layer("vector-2scan"), 1.01, 0.98, 1.05],
      [layer("linear-global"), 0.8, 0.78, 0.82],
    ]),
  );
  expect(sentence).toMatch(/2 scans, so that no difference is shown \(2-D/);
  expect(sentence).toMatch(/it is slower: 1\.25 \[1\.22, 1\.28\] times the time\.$/);
});

test("decoding is told whichever way it falls, without softmax", () => {
  const decode = (contender: string, ratio: number) =>
    [layer(contender, { suite: "decode", N: 16384 }), ratio, 0.9 * ratio, 1.1 * ratio] as const;
  const said = (...ratios: (readonly [Result, number, number, number])[]): string =>
    sentencesOf(evidence(ratios)).join();
  const softmax = decode("softmax-causal", 50);
  expect(said(softmax)).toBe("");
  expect(said(softmax, decode("linear-causal", 0.25), decode("vector-causal", 0.5))).toMatch(
    /takes 2\.0 to 4\.0 times as long as with every other linear mixer measured \(N 16384\)/,
  );
  expect(said(decode("linear-causal", 4), decode("vector-causal", 2))).toMatch(/is faster than with every other/);
  expect(said(decode("linear-causal", 1), decode("vector-causal", 1.05))).toMatch(
    /is told apart from none of the other/,
  );
  expect(said(decode("linear-causal", 4), decode("vector-causal", 0.5))).toMatch(
    /is slower than with 1, and faster than with 1, of 2 other linear mixers measured/,
  );
});

test("scores: what is worse comes first, and an open comparison is no equality", () => {
  const point = (contender: string, verdict: string, estimate: number) => ({
    what: "after equal training",
    where: { contender, data: "MNIST", synthetic: false, variant: "mini" },
    unit: "points",
    verdict,
    estimate: { estimate, low: estimate - 0.01, high: estimate + 0.01, n: 7, confidence: 0.9, method: "" },
  });
  const points = [point("vector-2scan", "undecided", 0), point("hgrn2-2scan", "fails", -0.03)];
  const sentences = sentencesOf({ ...evidence([]), claims: [{ id: "C3", points }] } as unknown as Evidence);
  expect(sentences[0]).toMatch(/LightNet scores worse than .*HGRN2, 2 scans.* on MNIST, mini: −3 \[−4, −2\] points/);
  expect(sentences[1]).toMatch(/LightNet is not told apart from .* \(n = 7 seeds, no verdict\)/);
  const open = [point("vector-2scan", "undecided", -0.02), point("hgrn2-2scan", "undecided", 0.02)];
  const told = sentencesOf({ ...evidence([]), claims: [{ id: "C3", points: open }] } as unknown as Evidence);
  expect(told[0]).toMatch(/LightNet came out worse than .*: −2\.0 \[−3\.0, −1\.0\] points.*no verdict/);
  expect(told[1]).toMatch(/LightNet came out better than/);
});

test("cautions name load, noise, missing results and an unfinished run; none where all is well", () => {
  const quiet = evidence([[layer("vector-2scan"), 1, 0.9, 1.1]]);
  expect(cautionsOf(quiet)).toEqual([]);
  const busy = { ...layer("a"), conditions: { loadBefore: 3.14 }, spread: 0.2 } as unknown as Result;
  const failed = { ...layer("b"), status: "failed" } as Result;
  expect(cautionsOf({ ...quiet, results: [busy, failed], manifests: [{}] } as unknown as Evidence)).toEqual([
    "The machine was busy in 1 of 2 cases: load up to 3.1 on 2 cores.",
    "1 result is noisy and drawn hollow.",
    "1 of 2 cases have no result.",
    "The run is not finished.",
  ]);
});

test("a title says what was found in a few words, and nothing where nothing was", () => {
  const rival = (...ratio: [number, number, number]) => evidence([[layer("vector-2scan"), ...ratio]]);
  expect(headlineOf(rival(1.32, 1.25, 1.36))).toBe(
    "LightNet 1.3× as fast as its best rival with two or more scans on images",
  );
  expect(headlineOf(rival(0.8, 0.78, 0.82))).toBe(
    "LightNet 0.80× as fast as its best rival with two or more scans on images",
  );
  expect(headlineOf(rival(1.01, 0.98, 1.05))).toBe(
    "LightNet: no gain shown over its best rival with two or more scans on images",
  );
  const estimate = { estimate: -0.02, low: -0.03, high: -0.01, n: 3, confidence: 0.9, method: "" };
  const where = { contender: "hgrn2-2scan", data: "MNIST", synthetic: false };
  const points = [{ what: "after equal training", where, unit: "points", verdict: "undecided", estimate }];
  const scores = { ...evidence([]), claims: [{ id: "C3", points }] } as unknown as Evidence;
  expect(headlineOf(scores)).toMatch(/^LightNet came out worse than .*HGRN2, 2 scans.* on MNIST$/);
  expect(headlineOf(evidence([]))).toBeUndefined();
});

test("a run that decodes has a headline of it", () => {
  const decode = (contender: string, ratio: number) =>
    [layer(contender, { suite: "decode", N: 16384 }), ratio, 0.9 * ratio, 1.1 * ratio] as const;
  expect(
    headlineOf(evidence([decode("linear-causal", 4), decode("vector-causal", 0.5), decode("scalar-causal", 1)])),
  ).toBe("LightNet decodes slower than 1 and faster than 1 of 3 other linear mixers");
});

test("a score of a LightNet that is not the authors' is told as such", () => {
  const point = {
    what: "after equal training, not the authors' model",
    where: { contender: "tied-2scan", data: "MNIST", synthetic: false, variant: "DiT-mini" },
    estimate: { estimate: -0.0017, low: -0.0021, high: -0.0014, n: 7, confidence: 0.9, method: "" },
    unit: "plain",
    verdict: "undecided",
  };
  const from = { ...evidence([]), claims: [{ id: "C3", points: [point] }] } as unknown as Evidence;
  expect(sentencesOf(from).join()).toMatch(
    /^After equal training LightNet \(not the authors' model\) came out worse than its best multiplicative rival, vector decay, tied key .*MNIST, DiT-mini: −0\.0017 .*no verdict\)\.$/,
  );
});
