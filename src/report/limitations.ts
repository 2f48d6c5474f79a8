// What these records do not show, read off the results themselves.

import { NEGLIGIBLE_OVERHEAD } from "#evidence/conditions";
import type { Evidence } from "#evidence/evidence";
import { overheadOf } from "#evidence/overhead";
import { isSoftware } from "#evidence/software";
import { ENOUGH_PROCESSES, ENOUGH_SEEDS } from "#evidence/verdict";
import type { WarningCode } from "#evidence/warnings";
import type { PublishedValue } from "#catalogue/paper/value";
import { overheadText } from "./tables/suite-table.ts";

type Limitation = readonly [applies: boolean, text: string];

/** One sentence a limitation; those that do not apply are left out. */
export function limitationsOf(evidence: Evidence, values: readonly PublishedValue[]): readonly string[] {
  const all = [...ofRuns(evidence), ...ofConditions(evidence), ...ofSamples(evidence), ...ofResults(evidence, values)];
  return [...all.flatMap(([applies, text]) => (applies ? [text] : [])), ...evidence.warnings.map((text) => `${text}.`)];
}

function ofRuns({ manifests, environments, results }: Evidence): Limitation[] {
  const scales = [...new Set(manifests.map(({ scale }) => scale))].filter((scale) => scale !== "paper");
  const unfinished = manifests.filter(({ finishedAt }) => finishedAt === undefined).map(({ run }) => run);
  const machines = [...environments.values()];
  const engines = [...new Set(machines.map(({ engine, device }) => `${engine} on ${device.name}`))];
  const precisions = [...new Set(results.map(({ case: item }) => item.precision))];
  const busy = manifests.filter(
    ({ loadAverage, environments: own }) =>
      (loadAverage[0] ?? 0) > Math.min(...Object.values(own).map(({ cores }) => cores)) / 2,
  );
  return [
    [
      scales.length > 0,
      `Scale ${scales.join(", ")} is smaller than the paper's: lengths, models, data and training are reduced, and only orderings, ratios and exponents may be compared with the paper.`,
    ],
    [unfinished.length > 0, `Not finished when this report was made: ${unfinished.join(", ")}.`],
    [
      engines.length > 0,
      `Times are of ${engines.join("; ")}, ${precisions.join(", ")}. A ratio or a crossover of one engine is not a statement about others: kernels, precision and memory differ.`,
    ],
    [
      machines.some(isSoftware),
      "Times of GPUs emulated on the CPU were left out; their results count for correctness only.",
    ],
    [machines.some(({ gitDirty }) => gitDirty === true), "The code had uncommitted changes when it ran."],
    [
      busy.length > 0,
      `The machine was busy when these runs began (load above half of its cores): ${busy.map(({ run }) => run).join(", ")}.`,
    ],
  ];
}

function ofConditions({ environments, results }: Evidence): Limitation[] {
  const current = results.filter(({ stale }) => !stale);
  const loaded = current.flatMap(({ conditions: { loadBefore: load }, environments: hashes }) =>
    load === undefined ? [] : [{ load, cores: environments.get(hashes.at(-1)!)?.cores ?? Infinity }],
  );
  const busy = loaded.filter(({ load, cores }) => load > cores / 2).map(({ load }) => load);
  const throttled = current.filter(({ conditions }) => conditions.throttledProcesses > 0).length;
  return [
    [
      busy.length > 0,
      `${busy.length} of ${loaded.length} cases began while the machine's 1-minute load was above half of its cores (${Math.max(...busy).toFixed(1)} at most). The run's own earlier cells count in that load.`,
    ],
    [throttled > 0, `In ${throttled} cases power or heat held a GPU's clocks down. Each says so in its table.`],
    [
      (overheadOf(results)?.share ?? 0) > NEGLIGIBLE_OVERHEAD,
      `${overheadText(results).join("")} Times that short are partly the harness's own.`,
    ],
  ];
}

function ofSamples({ results }: Evidence): Limitation[] {
  const current = results.filter(({ stale }) => !stale);
  const timed = current.filter(({ time }) => time !== undefined);
  const trained = current.filter(({ training }) => training !== undefined);
  const fewSeeds = trained.filter(({ n }) => n < ENOUGH_SEEDS).length;
  const warned = (...codes: readonly WarningCode[]): number =>
    results.filter(({ warnings }) => warnings.some(({ code }) => codes.includes(code))).length;
  const fewProcesses = timed.filter(({ n }) => n < ENOUGH_PROCESSES).length;
  const made = trained.flatMap(({ training }) => (training!.first.synthetic ? [training!.first.dataLabel] : []));
  const [noisy, unresolved] = [warned("noisy", "hardly usable"), warned("below resolution")];
  return [
    [
      fewProcesses > 0,
      `${fewProcesses} of ${timed.length} times come from fewer than ${ENOUGH_PROCESSES} processes, which headline times need.`,
    ],
    [
      fewSeeds > 0,
      `${fewSeeds} of ${trained.length} training results come from fewer than ${ENOUGH_SEEDS} seeds, which headline claims need; three seeds support no test.`,
    ],
    [
      noisy > 0,
      `${noisy} results are noisy: their rounds spread over more than 10 % of the median. Each says so in its table.`,
    ],
    [
      unresolved > 0,
      `${unresolved} results have rounds below the resolution of a clock, which are left out. Each says so in its table.`,
    ],
    [
      made.length > 0,
      `Data that were generated, not collected: ${[...new Set(made)].join(", ")}. Accuracy on them says nothing about accuracy on photographs or text.`,
    ],
  ];
}

function ofResults({ results, claims }: Evidence, values: readonly PublishedValue[]): Limitation[] {
  const broken = results.filter(({ status }) => status !== "ok").length;
  const stale = results.filter((result) => result.stale).length;
  const untested = claims.filter(({ verdict }) => verdict === "not tested").map(({ id }) => id);
  const absent = values.filter(({ kind }) => kind === "absent").length;
  return [
    [broken > 0, `${broken} of ${results.length} cases have no result; they are listed with their reasons.`],
    [stale > 0, `${stale} results of older code are listed and marked stale, and take part in no comparison.`],
    [untested.length > 0, `Not tested: ${untested.join(", ")}.`],
    [
      absent > 0,
      `${absent} published values, LightNet's own among them, could not be found in any public source. They are shown as absent; whoever has the paper can import them.`,
    ],
  ];
}
