// The targets, answered one by one from the records of a run: pure, so that they can be answered again without the GPU.
//
// A time is the device's own where there are timestamps, as the measured peaks and PyTorch's CUDA events are. A ratio of two of our
// contenders is of wall times, round by round.

import { ratiosWithin } from "#evidence/matchup-ratios";
import { RESAMPLING_SEED, summarise, type CaseSummary } from "#evidence/summary";
import { groupByCase } from "#evidence/cases";
import { timeGroups } from "#evidence/rounds";
import { Random } from "#base/random";
import type { Estimate } from "#stats/estimate";
import { formatWithInterval } from "#stats/interval-digits";
import { independentRatioInterval } from "#stats/ratio";
import type { RunRecord } from "#store/record";
import { caseId, type Case } from "#case/case";
import { rowsLike, type TorchResults } from "./torch-results.ts";
import { SCANS } from "./targets.ts";

export type Verdict = "met" | "missed" | "measured" | "not tested";

export interface Answer {
  readonly target: string;
  readonly verdict: Verdict;
  /** the figure behind the verdict, or why there is none */
  readonly text: string;
  readonly value?: Estimate;
}

/** Times the limit that a kernel may take. */
const WITHIN = 2;
const SUBJECT = SCANS[0];
const NOT_REACHED = "not reached within the time of the step";

export interface Findings {
  /** everything that was to be measured */
  readonly cases: readonly Case[];
  readonly records: readonly RunRecord[];
  /** the adapter emulates a GPU: its name */
  readonly software?: string;
  /** absent: no PyTorch with CUDA */
  readonly torch?: TorchResults;
}

/** Every target with its verdict, in the order of the issue that set them. */
export function answerTargets({ cases, records, software, torch }: Findings): Answer[] {
  const summaries = new Map(summarise(records).map((summary) => [summary.caseId, summary]));
  const answers = [
    ...cases.filter(isTimeTarget).map((item) => againstLimit(item, summaries.get(caseId(item)))),
    ...ratiosToOneScan(records),
    ...againstTorch(records, torch),
  ];
  if (software === undefined) return answers;
  return answers.map(({ target }) => ({ target, verdict: "not tested", text: `software adapter (${software})` }));
}

function isTimeTarget(item: Case): boolean {
  return item.contender === SUBJECT || item.contender === "softmax-full";
}

/** time ≤ 2 × max(bytes / copy bandwidth, operations / matMul rate); met where the whole interval is. */
function againstLimit(item: Case, summary: CaseSummary | undefined): Answer {
  const target = `${placeOf(item)}: time within ${WITHIN}× of its limit`;
  if (summary === undefined) return { target, verdict: "not tested", text: NOT_REACHED };
  if (summary.status !== "ok") return { target, verdict: "not tested", text: `${summary.status}: ${summary.reason}` };
  const time = summary.deviceSeconds ?? summary.seconds;
  const peak = summary.achieved?.peak;
  if (time === undefined || peak === undefined || summary.work === undefined)
    return { target, verdict: "not tested", text: "no time, or no measured peak beside it" };
  const byTraffic = summary.work.leastBytes / peak.bytesPerSecond;
  const byWork = summary.work.flops / peak.flopsPerSecond;
  const limit = Math.max(byTraffic, byWork);
  const value = scaled(time, 1 / limit);
  const clock = summary.deviceSeconds === undefined ? "wall" : "device";
  const text = `${formatWithInterval(value.estimate, value)}× (${milliseconds(time.estimate)} ${clock} time; limit ${milliseconds(limit)}, by ${byTraffic > byWork ? "traffic" : "operations"})`;
  return { target, verdict: (value.high ?? value.estimate) <= WITHIN ? "met" : "missed", text, value };
}

function ratiosToOneScan(records: readonly RunRecord[]): Answer[] {
  const measured = new Map(ratiosWithin(records, SUBJECT).map((ratio) => [ratio.contender, ratio.ratio]));
  return SCANS.slice(1).map((contender) => {
    const target = `${contender} relative to one global scan`;
    const value = measured.get(contender);
    if (value === undefined) return { target, verdict: "not tested", text: reasonFor(records, [contender, SUBJECT]) };
    return {
      target,
      verdict: "measured",
      text: `${formatWithInterval(value.estimate, value)}× the time of one global scan`,
      value,
    };
  });
}

function reasonFor(records: readonly RunRecord[], contenders: readonly string[]): string {
  const failure = records.find((record) => record.status !== "ok" && contenders.includes(record.case.contender));
  return failure === undefined || failure.status === "ok"
    ? NOT_REACHED
    : `${failure.case.contender}: ${failure.status}: ${failure.reason}`;
}

/** Our time over PyTorch's, for every form, shape and number format that both have run. */
function againstTorch(records: readonly RunRecord[], torch: TorchResults | undefined): Answer[] {
  if (torch === undefined)
    return [{ target: "PyTorch on the same GPU", verdict: "not tested", text: "no PyTorch with CUDA here" }];
  const answers = groupByCase(records).flatMap(({ case: item, records: lines }) => {
    if (item.kind !== "operator") return [];
    const ours = timeGroups(lines, "device").length > 0 ? timeGroups(lines, "device") : timeGroups(lines);
    if (ours.length === 0) return [];
    return rowsLike(torch, item).map((row): Answer => {
      const target = `${placeOf(item)}: against PyTorch ${torch.torch}, ${row.form} in ${row.dtype.replace("torch.", "")}`;
      if (row.seconds === undefined)
        return { target, verdict: "not tested", text: row.error ?? row.skipped ?? "no time" };
      const random = new Random(RESAMPLING_SEED).fork(target);
      const value = independentRatioInterval(ours, [row.seconds], { random });
      return {
        target,
        verdict: "measured",
        text: `${formatWithInterval(value.estimate, value)}× the time of PyTorch`,
        value,
      };
    });
  });
  return answers.length > 0
    ? answers
    : [{ target: "PyTorch on the same GPU", verdict: "not tested", text: "no form and shape was run by both" }];
}

function placeOf({ contender, ...item }: Case): string {
  if (item.kind === "training") return contender;
  const { B, H, N, D } = item.shape;
  return `${contender} ${item.precision}, B ${B} H ${H} N ${N} D ${D}`;
}

function scaled(estimate: Estimate, factor: number): Estimate {
  const { low, high } = estimate;
  return {
    ...estimate,
    estimate: factor * estimate.estimate,
    ...(low === undefined || high === undefined ? {} : { low: factor * low, high: factor * high }),
  };
}

function milliseconds(seconds: number): string {
  return `${(1000 * seconds).toPrecision(3)} ms`;
}

/** A Markdown table. */
export function tableOf(answers: readonly Answer[]): string {
  const rows = answers.map(({ target, verdict, text }) => `| ${target} | ${verdict} | ${text} |`);
  return ["| target | verdict | measured |", "|---|---|---|", ...rows, ""].join("\n");
}
