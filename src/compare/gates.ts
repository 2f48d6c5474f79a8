// Gates of a suite, judged: did our run of a public configuration reach the public number?

import type { TrainingCase } from "#suite/case";
import { isGated, type Gate } from "#suite/gate";
import type { SeedScores } from "./scores.ts";

export interface GateVerdict {
  readonly gate: Gate;
  /** not run: no finished record of its cases; the suite's claims are then printed without it having been passed */
  readonly verdict: "passed" | "failed" | "not run";
  /** mean over the seeds */
  readonly reached?: number;
  readonly seeds: readonly number[];
  /** for people: what was reached, what was expected, and what follows */
  readonly text: string;
}

/**
 * Passed when the mean over seeds lies within the tolerance of the public number, above or below: a loss far below it is
 * no better news than one far above, since it says that another thing was computed.
 */
export function judgeGate(gate: Gate, scores: readonly SeedScores[]): GateVerdict {
  const { title, score, expected, tolerance } = gate;
  const wanted = `${title}: ${expected} ± ${tolerance} expected`;
  const entry = scores.find((one) => isGated(gate, one.case) && score in one.scoreSamples);
  if (entry === undefined) return { gate, verdict: "not run", seeds: [], text: `${wanted}, not run` };
  const samples = entry.scoreSamples[score]!;
  const reached = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  const passed = Math.abs(reached - expected) <= tolerance;
  const found = `${reached.toFixed(3)} reached (${samples.length} ${samples.length === 1 ? "seed" : "seeds"})`;
  const text = passed ? `${wanted}, ${found}: passed` : `${wanted}, ${found}: FAILED, so no claim of this suite counts`;
  return { gate, verdict: passed ? "passed" : "failed", reached, seeds: entry.seeds, text };
}

/** Verdicts of all gates that concern a scale: those of which the declared cases hold at least one. */
export function judgeGates(gates: readonly Gate[], declared: readonly TrainingCase[], scores: readonly SeedScores[]): GateVerdict[] {
  return gates.filter((gate) => declared.some((item) => isGated(gate, item))).map((gate) => judgeGate(gate, scores));
}

/** Whether the claims of a suite may be stated: no gate failed. */
export function claimsStand(verdicts: readonly GateVerdict[]): boolean {
  return verdicts.every(({ verdict }) => verdict !== "failed");
}
