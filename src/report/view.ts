// How the report sees one result: a case, or a training case over its seeds, with the estimates that
// compare/ made of its records.

import { hashJson } from "#base/json";
import { Random } from "#base/random";
import { groupBy } from "#base/group";
import { ratiosWithin } from "#evidence/matchup-ratios";
import type { SeedScores } from "#evidence/scores";
import { RESAMPLING_SEED, type CaseSummary, type MeasuredSummary, type MemorySummary } from "#evidence/summary";
import type { Estimate } from "#stats/estimate";
import { hierarchicalInterval } from "#stats/hierarchical";
import type { Environment, OkRecord, RunRecord, TrainingResult } from "#store/record";
import { axesOf, type Axes } from "#catalogue/axes";
import type { Case } from "#case/case";

export type Status = RunRecord["status"];

export interface TrainingView {
  /** one a seed */
  readonly results: readonly TrainingResult[];
  /** by score name, mean over seeds */
  readonly scores: Readonly<Record<string, Estimate>>;
  readonly stepSeconds?: Estimate;
  readonly evaluationSeconds?: Estimate;
  /** of the steps alone, without reading data and evaluating */
  readonly examplesPerSecond?: Estimate;
}

export interface CaseView {
  /** of the case, or of the first seed's */
  readonly caseId: string;
  readonly summaries: readonly CaseSummary[];
  readonly item: Case;
  readonly axes: Axes;
  readonly contender: string;
  readonly status: Status;
  readonly reason?: string;
  /** computed by older code than the newest: listed, never drawn or compared */
  readonly stale: boolean;
  readonly environment: string;
  /** independent units behind the estimates: processes, or seeds */
  readonly n: number;
  readonly measured?: MeasuredSummary;
  readonly time?: Estimate;
  readonly memory?: MemorySummary;
  readonly training?: TrainingView;
  readonly warnings: readonly string[];
}

/** Ratio of a case's time to that of the baseline contender at the same point, from the same rounds. */
export type RatioLookup = (view: CaseView, baseline: string) => Estimate | undefined;

/** Views of all results, in the order in which their cases first appear. */
export function viewsOf(summaries: readonly CaseSummary[], seedScores: readonly SeedScores[]): readonly CaseView[] {
  const scores = new Map(seedScores.map((entry) => [entry.id, entry.scores] as const));
  const groups = groupBy(summaries, (summary) => `${nameOf(summary)}/${summary.stale ? summary.codeHash : ""}`);
  return [...groups.values()].map((group) => {
    const first = group[0]!;
    return first.case.kind === "training" ? trainingView(group, scores.get(nameOf(first))) : singleView(first);
  });
}

/** Training cases that differ in their seed only have one name. */
function nameOf({ case: item, caseId }: CaseSummary): string {
  return item.kind === "training" ? hashJson({ ...item, seed: 0 }) : caseId;
}

function commonView(group: readonly CaseSummary[]): Omit<CaseView, "n"> {
  const first = group[0]!;
  const failed = group.find((summary) => summary.status !== "ok");
  const measured = group.find((summary) => summary.status === "ok");
  const { status } = measured ?? first;
  return {
    caseId: first.caseId,
    summaries: group,
    item: first.case,
    axes: axesOf(first.case),
    contender: first.case.contender,
    status,
    ...(failed === undefined ? {} : { reason: failed.reason }),
    ...(measured === undefined ? {} : { measured }),
    stale: first.stale,
    environment: first.environments.at(-1)!,
    warnings: [...new Set(group.flatMap(({ warnings }) => warnings))],
  };
}

function singleView(summary: CaseSummary): CaseView {
  const common = commonView([summary]);
  if (summary.status !== "ok") return { ...common, n: 0 };
  const { seconds, memory, processes } = summary;
  return {
    ...common,
    n: processes,
    ...(seconds === undefined ? {} : { time: seconds }),
    ...(memory === undefined ? {} : { memory }),
  };
}

function trainingView(group: readonly CaseSummary[], scores: Readonly<Record<string, Estimate>> = {}): CaseView {
  const results = group.flatMap((summary) =>
    summary.status === "ok" && summary.training !== undefined ? [summary.training] : [],
  );
  const common = commonView(group);
  if (results.length === 0) return { ...common, n: 0 };
  const random = new Random(RESAMPLING_SEED).fork(common.caseId);
  // Results of a software GPU come without step times: then no time of theirs is shown.
  const timed = results.filter(({ stepSecondsSamples }) => stepSecondsSamples.length > 0);
  const stepSeconds =
    timed.length === 0
      ? undefined
      : hierarchicalInterval(
          timed.map(({ stepSecondsSamples }) => stepSecondsSamples),
          { random: random.fork("step") },
        );
  const times =
    stepSeconds === undefined
      ? {}
      : {
          stepSeconds,
          examplesPerSecond: throughputOf(stepSeconds, common.item),
          evaluationSeconds: hierarchicalInterval(
            timed.map((result) => [result.evaluationSeconds]),
            { random: random.fork("evaluation") },
          ),
        };
  // A seed is trained in one process: the unit is the seed, and warnings about processes do not apply.
  const warnings = common.warnings.filter((warning) => !/processe?s?\b/.test(warning));
  return { ...common, warnings, n: results.length, training: { results, scores, ...times } };
}

/** Examples of a step over its time: the ends of the interval change places. */
function throughputOf({ estimate, low, high, ...rest }: Estimate, item: Case): Estimate {
  const examples = item.kind === "training" ? item.recipe.batch * (item.recipe.accumulate ?? 1) : 0;
  return {
    ...rest,
    estimate: examples / estimate,
    ...(low === undefined || high === undefined ? {} : { low: examples / high, high: examples / low }),
  };
}

/** Method of the ratio of a contender to itself. */
export const BY_DEFINITION = "by definition";

/** Looks up paired ratios; each baseline is worked out once. */
export function ratioLookup(records: readonly RunRecord[]): RatioLookup {
  const byBaseline = new Map<string, ReadonlyMap<string, Estimate>>();
  return (view, baseline) => {
    if (view.stale) return undefined;
    let ratios = byBaseline.get(baseline);
    if (ratios === undefined) {
      ratios = new Map(ratiosWithin(records, baseline).map(({ caseId, ratio }) => [caseId, ratio]));
      byBaseline.set(baseline, ratios);
    }
    if (view.contender === baseline && view.time !== undefined) {
      return { estimate: 1, confidence: view.time.confidence, n: view.time.n, method: BY_DEFINITION };
    }
    return ratios.get(view.caseId);
  };
}

/** Whether an environment's device is a GPU emulated on the CPU: its times mean nothing. */
export function isSoftware(environment: Environment | undefined): boolean {
  return environment?.device.kind === "gpu" && environment.device.software;
}

const TIME_FIELDS: ReadonlySet<string> = new Set([
  "secondsSamples",
  "deviceSecondsSamples",
  "firstCallSeconds",
  "warmupSecondsSamples",
  "peak",
  "overheadSeconds",
] satisfies (keyof OkRecord)[]);

/** The same records without the times of software GPUs, which are never shown. */
export function withoutSoftwareTimes(
  records: readonly RunRecord[],
  environments: Readonly<Record<string, Environment>>,
): readonly RunRecord[] {
  return records.map((record) => {
    if (record.status !== "ok" || !isSoftware(environments[record.environment])) return record;
    const kept = Object.entries(record).filter(([name]) => !TIME_FIELDS.has(name));
    const training = record.training === undefined ? {} : { training: { ...record.training, stepSecondsSamples: [] } };
    return { ...Object.fromEntries(kept), ...training } as RunRecord;
  });
}
