// What the suites cost, as `run --dry-run` counts it: at scale paper for docs/cluster.md, at smoke and small for REPRODUCING.md.

import { markdownTable } from "#base/markdown";
import { formatBytes, formatSeconds, type Seconds } from "#base/units";
import type { Scale } from "#case/case";
import { datasets } from "#data/sets/registry";
import { expectations, type Remaining, type SecondsOf } from "#runner/estimate";
import { expand } from "#runner/expand";
import { CONTENDER_BUDGETS } from "#runner/options";
import { planAtoms } from "#runner/plan";
import { suiteCosts, type SuiteCost } from "#runner/suite-costs";
import { paceOf, steadyPace } from "#runner/training-pace";
import { allSuites } from "../../suites/index.ts";
import type { PublishedRun } from "./published.ts";

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

/** Time by suite on the machine of the published runs: of cases that they hold what those took, of others the pace of their like. */
export function localCosts(runs: readonly PublishedRun[]): string {
  const smoke = costsOf(runs, "smoke");
  const small = costsOf(runs, "small");
  const rows = [...smoke].map(([suite, cost]) => [suite, ...columns(cost), ...columns(small.get(suite))]);
  const total = [...smoke.values()].reduce((sum, { time }) => sum + time.seconds, 0);
  return `A smoke run of all suites takes about ${formatSeconds(total, 2)} after its checks of correctness.

${markdownTable(["suite", "processes at smoke", "time", "processes at small", "time"], rows)}`;
}

function columns(cost: SuiteCost | undefined): string[] {
  return cost === undefined ? ["–", "–"] : [String(cost.processes), timeOf(cost.time)];
}

function timeOf({ seconds, unknown }: Remaining): string {
  return unknown > 0 ? "not known" : formatSeconds(seconds, 2);
}

function costsOf(runs: readonly PublishedRun[], scale: Exclude<Scale, "paper">): ReadonlyMap<string, SuiteCost> {
  const found = scale === "smoke" ? [] : datasets.all().map(({ id }) => ({ id, available: true, label: id }) as const);
  const planned = expand(allSuites, { scale, engine: "wasm", found, rates: "recipe" });
  const earlier = runs.map(({ run }) => run.records);
  const pace = paceOf(earlier);
  const secondsOf = expectations(earlier, { contenderBudget: CONTENDER_BUDGETS[scale], pace });
  return new Map(suiteCosts(planAtoms(planned), secondsOf).map((cost) => [cost.suite, cost]));
}
