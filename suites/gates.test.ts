import { expect, test } from "vitest";
import type { TrainingCase } from "#suite/case";
import type { Gate } from "#suite/gate";
import { claimsStand, judgeGate, judgeGates } from "../src/compare/gates.ts";
import type { SeedScores } from "../src/compare/scores.ts";
import { autoregressiveLm } from "./autoregressive-lm.ts";

const cases = autoregressiveLm.cases({ scale: "small", engine: "wasm", datasets: ["markov-text", "tinyshakespeare"] }) as readonly TrainingCase[];
const gate: Gate = autoregressiveLm.gates![0]!;
const calibration = cases.find((item) => item.contender === "softmax-causal" && item.model.mixer.encoding === "learned")!;

function scoresOf(item: TrainingCase, losses: readonly number[]): SeedScores {
  return { id: item.contender, case: item, seeds: losses.map((_, seed) => seed), scoreSamples: { loss: losses }, scores: {}, trivialScores: {}, parameters: 1, dataLabel: "", synthetic: false };
}

test("nanoGPT's loss, within 0.05 on either side, as the mean over seeds", () => {
  expect([gate.expected, gate.tolerance]).toEqual([1.88, 0.05]);
  expect(judgeGate(gate, [scoresOf(calibration, [1.9, 1.88, 1.86])])).toMatchObject({ verdict: "passed", seeds: [0, 1, 2] });
  const failed = judgeGate(gate, [scoresOf(calibration, [1.94, 1.95])]);
  expect(failed.verdict).toBe("failed");
  expect(failed.reached).toBeCloseTo(1.945, 12);
  const tooGood = judgeGate(gate, [scoresOf(calibration, [1.5])]);
  expect(tooGood.text).toContain("1.500 reached (1 seed): FAILED, so no claim of this suite counts");
  expect(claimsStand([tooGood])).toBe(false);
});

test("only the calibration's own cases count, and without them the gate was not run", () => {
  const others = cases.filter((item) => item.model.mixer.encoding !== "learned");
  expect(others.length).toBeGreaterThan(0);
  const verdict = judgeGate(gate, others.map((item) => scoresOf(item, [1.88])));
  expect(verdict.verdict).toBe("not run");
  expect(claimsStand([verdict])).toBe(true);
});

test("a scale that declares no calibration has no gate", () => {
  const smoke = autoregressiveLm.cases({ scale: "smoke", engine: "wasm", datasets: ["markov-text"] }) as readonly TrainingCase[];
  expect(judgeGates(autoregressiveLm.gates!, smoke, [])).toEqual([]);
  expect(judgeGates(autoregressiveLm.gates!, cases, []).map(({ verdict }) => verdict)).toEqual(["not run"]);
});
