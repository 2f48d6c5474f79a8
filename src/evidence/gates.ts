// Gates before claims: a model and recipe whose score others have published must first reach that score here.

import { CALIBRATION_GATES, type CalibrationGate } from "#catalogue/calibration";
import type { Estimate } from "#stats/estimate";
import type { Result } from "./result.ts";

export interface Gate extends CalibrationGate {
  /** mean over seeds; undefined: no record of the published configuration */
  readonly reached: Estimate | undefined;
  readonly passed: boolean | undefined;
}

/** Every gate, judged by the mean over seeds. */
export function gatesOf(results: readonly Result[]): Gate[] {
  return CALIBRATION_GATES.map((gate) => {
    const { suite, where, score, published, tolerance } = gate;
    const result = results.find(
      ({ axes, stale }) =>
        !stale && axes["suite"] === suite && Object.entries(where).every(([axis, value]) => axes[axis] === value),
    );
    const reached = result?.training?.scores.get(score);
    if (reached === undefined) return { ...gate, reached, passed: undefined };
    return { ...gate, reached, passed: Math.abs(reached.estimate - published) <= tolerance };
  });
}
