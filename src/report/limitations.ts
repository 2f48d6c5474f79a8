// What these records do not show, read off the records themselves.

import { NEGLIGIBLE_OVERHEAD } from "#evidence/summary";
import { ENOUGH_GROUPS } from "#stats/hierarchical";
import { ENOUGH_SEEDS } from "#stats/non-inferiority";
import type { PublishedValue } from "#catalogue/paper/value";
import type { Manifest } from "#store/record";
import type { ClaimResult } from "./report-data.ts";
import { overheadOf } from "./overhead.ts";
import { isSoftware, type CaseView } from "./view.ts";

export interface LimitationFacts {
  readonly manifests: readonly Manifest[];
  readonly views: readonly CaseView[];
  readonly claims: readonly ClaimResult[];
  readonly values: readonly PublishedValue[];
}

/** One sentence a limitation; those that do not apply are left out. */
export function limitationsOf(facts: LimitationFacts): readonly string[] {
  return [
    ...ofScale(facts),
    ...ofEngines(facts),
    ...ofConditions(facts),
    ...ofSamples(facts),
    ...ofResults(facts),
    ...ofPaper(facts),
  ];
}

function ofScale({ manifests }: LimitationFacts): string[] {
  const scales = [...new Set(manifests.map(({ scale }) => scale))].filter((scale) => scale !== "paper");
  const unfinished = manifests.filter(({ finishedAt }) => finishedAt === undefined).map(({ run }) => run);
  return [
    ...(scales.length === 0
      ? []
      : [
          `Scale ${scales.join(", ")} is smaller than the paper's: lengths, models, data and training are reduced, and only orderings, ratios and exponents may be compared with the paper.`,
        ]),
    ...(unfinished.length === 0 ? [] : [`Not finished when this report was made: ${unfinished.join(", ")}.`]),
  ];
}

function ofEngines({ manifests, views }: LimitationFacts): string[] {
  const environments = manifests.flatMap((manifest) => Object.values(manifest.environments));
  const engines = [...new Set(environments.map(({ engine, device }) => `${engine} on ${device.name}`))];
  const busy = manifests.filter(
    ({ loadAverage, environments: own }) =>
      (loadAverage[0] ?? 0) > Math.min(...Object.values(own).map(({ cores }) => cores)) / 2,
  );
  const precisions = [...new Set(views.map(({ item }) => item.precision))];
  return [
    ...(engines.length === 0
      ? []
      : [
          `Times are of ${engines.join("; ")}, ${precisions.join(", ")}. A ratio or a crossover of one engine is not a statement about others: kernels, precision and memory differ.`,
        ]),
    ...(environments.some(isSoftware)
      ? ["Times of GPUs emulated on the CPU were left out; their results count for correctness only."]
      : []),
    ...(environments.some(({ gitDirty }) => gitDirty === true)
      ? ["The code had uncommitted changes when it ran."]
      : []),
    ...(busy.length === 0
      ? []
      : [
          `The machine was busy when these runs began (load above half of its cores): ${busy.map(({ run }) => run).join(", ")}.`,
        ]),
  ];
}

function ofConditions({ manifests, views }: LimitationFacts): string[] {
  const environments = Object.assign(
    {},
    ...manifests.map((manifest) => manifest.environments),
  ) as Manifest["environments"];
  const coresOf = (view: CaseView): number => environments[view.environment]?.cores ?? Infinity;
  const loaded = views.flatMap((view) =>
    view.stale || view.measured?.conditions.loadBefore === undefined
      ? []
      : [{ load: view.measured.conditions.loadBefore, cores: coresOf(view) }],
  );
  const busy = loaded.filter(({ load, cores }) => load > cores / 2);
  const highest = Math.max(...busy.map(({ load }) => load));
  const throttled = views.filter(
    ({ measured, stale }) => !stale && (measured?.conditions.throttledProcesses ?? 0) > 0,
  ).length;
  const overhead = overheadOf(views);
  return [
    ...(busy.length === 0
      ? []
      : [
          `${busy.length} of ${loaded.length} cases began while the machine's 1-minute load was above half of its cores (${highest.toFixed(1)} at most). The run's own earlier cells count in that load.`,
        ]),
    ...(throttled === 0
      ? []
      : [`In ${throttled} cases power or heat held a GPU's clocks down. Each says so in its table.`]),
    ...(overhead === undefined || overhead.share <= NEGLIGIBLE_OVERHEAD
      ? []
      : [`${overhead.text} Times that short are partly the harness's own.`]),
  ];
}

function ofSamples({ views }: LimitationFacts): string[] {
  const timed = views.filter(({ time, stale }) => time !== undefined && !stale);
  const fewProcesses = timed.filter(({ n }) => n < ENOUGH_GROUPS).length;
  const trained = views.filter(({ training, stale }) => training !== undefined && !stale);
  const fewSeeds = trained.filter(({ n }) => n < ENOUGH_SEEDS).length;
  const noisy = views.filter(({ warnings }) =>
    warnings.some((warning) => /^(noisy|hardly usable)/.test(warning)),
  ).length;
  const synthetic = [
    ...new Set(
      trained.flatMap(({ training }) =>
        training!.results.filter((result) => result.synthetic).map(({ dataLabel }) => dataLabel),
      ),
    ),
  ];
  return [
    ...(fewProcesses === 0
      ? []
      : [
          `${fewProcesses} of ${timed.length} times come from fewer than ${ENOUGH_GROUPS} processes, which headline times need.`,
        ]),
    ...(fewSeeds === 0
      ? []
      : [
          `${fewSeeds} of ${trained.length} training results come from fewer than ${ENOUGH_SEEDS} seeds, which headline claims need; three seeds support no test.`,
        ]),
    ...(noisy === 0
      ? []
      : [
          `${noisy} results are noisy: their rounds spread over more than 10 % of the median. Each says so in its table.`,
        ]),
    ...(synthetic.length === 0
      ? []
      : [
          `Data that were generated, not collected: ${synthetic.join(", ")}. Accuracy on them says nothing about accuracy on photographs or text.`,
        ]),
  ];
}

function ofResults({ views, claims }: LimitationFacts): string[] {
  const broken = views.filter(({ status }) => status !== "ok").length;
  const stale = views.filter((view) => view.stale).length;
  const untested = claims.filter(({ verdict }) => verdict === "not tested").map(({ id }) => id);
  return [
    ...(broken === 0 ? [] : [`${broken} of ${views.length} cases have no result; they are listed with their reasons.`]),
    ...(stale === 0
      ? []
      : [`${stale} results of older code are listed and marked stale, and take part in no comparison.`]),
    ...(untested.length === 0 ? [] : [`Not tested: ${untested.join(", ")}.`]),
  ];
}

function ofPaper({ values }: LimitationFacts): string[] {
  const absent = values.filter(({ kind }) => kind === "absent").length;
  return absent === 0
    ? []
    : [
        `${absent} published values, LightNet's own among them, could not be found in any public source. They are shown as absent; whoever has the paper can import them.`,
      ];
}
