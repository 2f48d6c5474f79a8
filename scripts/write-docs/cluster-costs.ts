// What the suites cost at scale paper, as `run --scale paper --dry-run` counts it, for docs/cluster.md.

import { markdownTable } from "#base/markdown";
import { formatBytes, type Seconds } from "#base/units";
import { expectations, type SecondsOf } from "#runner/estimate";
import { expand } from "#runner/expand";
import { CONTENDER_BUDGETS } from "#runner/options";
import { planAtoms } from "#runner/plan";
import { suiteCosts } from "#runner/suite-costs";
import { steadyPace } from "#runner/training-pace";
import { allSuites } from "../../suites/index.ts";

/** What a data-centre GPU keeps up in float32 on models of this size; assumed, not measured. */
const FLOPS_PER_SECOND = 1e13;

export function clusterCosts(): string {
  const atoms = planAtoms(expand(allSuites, { scale: "paper", engine: "tensorflow", found: [] }));
  const pace = steadyPace(FLOPS_PER_SECOND);
  const secondsOf: SecondsOf = expectations([], { contenderBudget: CONTENDER_BUDGETS.paper, pace });
  const rows = suiteCosts(atoms, secondsOf).map(({ suite, cases, processes, time, bytes }) => [
    suite,
    String(cases),
    String(processes),
    hours(time.seconds),
    formatBytes(bytes),
  ]);
  return markdownTable(["suite", "cases", "processes", "GPU hours", "records"], rows);
}

function hours(seconds: Seconds): string {
  const value = seconds / 3600;
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en").replaceAll(",", " ");
}
