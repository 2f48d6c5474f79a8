// What the records say about the gates before claims.

import { CALIBRATION_GATES, type CalibrationGate } from "#catalogue/calibration";
import { printEstimate } from "./charts/quantity.ts";
import { labelOf } from "./palette.ts";
import type { CaseView } from "./view.ts";

export interface GateResult {
  readonly suite: string;
  /** undefined: no record of the published configuration */
  readonly passed: boolean | undefined;
  readonly text: string;
}

/** The gates of these suites, judged by the mean over seeds. */
export function gatesOf(suites: readonly string[], views: readonly CaseView[]): readonly GateResult[] {
  return CALIBRATION_GATES.filter(({ suite }) => suites.includes(suite)).map((gate) => judgeGate(gate, views));
}

function judgeGate(
  { suite, where, score, better, published, tolerance, source }: CalibrationGate,
  views: readonly CaseView[],
): GateResult {
  const named = `${labelOf(String(where["contender"]))}, ${score} ${published} ± ${tolerance} published (${source})`;
  const view = views.find(
    ({ item, axes, stale }) =>
      !stale && item.suite === suite && Object.entries(where).every(([axis, value]) => axes[axis] === value),
  );
  const reached = view?.training?.scores[score];
  if (view === undefined || reached === undefined)
    return { suite, passed: undefined, text: `Calibration not run: ${named}.` };
  const passed =
    better === "lower" ? reached.estimate <= published + tolerance : reached.estimate >= published - tolerance;
  const here = `${printEstimate(reached, "plain")} here, n = ${view.n}`;
  const outcome = passed ? "passed" : "failed, so nothing is claimed from this suite";
  return { suite, passed, text: `Calibration ${outcome}: ${named}, ${here}.` };
}
