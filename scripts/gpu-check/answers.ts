// The targets, answered one by one from the records of a run: pure, so that they can be answered again without the GPU.
//
// A time is the device's own where there are timestamps, as the measured peaks and PyTorch's CUDA events are. A ratio of two of our
// contenders is of wall times, round by round.

import { counted } from "#base/counted";
import type { DeviceLimits } from "#engine/webgpu/costs/devices";
import { predict } from "#engine/webgpu/costs/predict";
import { linesByCase } from "#evidence/case-lines";
import { SUBJECT } from "#evidence/point";
import { ratioLookup } from "#evidence/ratios";
import { streamOf } from "#evidence/resampling";
import { resultsOf, type Result } from "#evidence/result";
import { groupsOf, readTimes } from "#evidence/times";
import { webgpuPasses } from "#ops/webgpu-passes";
import { mapped, rateOf, type Estimate } from "#stats/estimate";
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
const NOT_REACHED = "not reached within the time of the step";

export interface Findings {
  /** everything that was to be measured */
  readonly cases: readonly Case[];
  readonly records: readonly RunRecord[];
  /** the adapter emulates a GPU: its name */
  readonly software?: string;
  /** absent: no PyTorch with CUDA */
  readonly torch?: TorchResults;
  /** of this GPU, where they are declared */
  readonly limits?: DeviceLimits;
}

/** Every target with its verdict, in the order of the issue that set them. */
export function answerTargets({ cases, records, software, torch, limits }: Findings): Answer[] {
  const results = resultsOf(records);
  const byCase = new Map(results.map((result) => [result.id, result]));
  const answers = [
    ...cases.filter(isTimeTarget).map((item) => againstLimit(item, byCase.get(caseId(item)))),
    ...againstPredictions(cases, byCase, limits),
    ...ratiosToOneScan(results, records),
    ...againstTorch(records, torch),
  ];
  if (software === undefined) return answers;
  return answers.map(({ target }) => ({ target, verdict: "not tested", text: `software adapter (${software})` }));
}

function isTimeTarget(item: Case): boolean {
  return item.contender === SUBJECT || item.contender === "softmax-full";
}

/** time ≤ 2 × max(bytes / copy bandwidth, operations / matMul rate); met where the whole interval is. */
function againstLimit(item: Case, result: Result | undefined): Answer {
  const target = `${placeOf(item)}: time within ${WITHIN}× of its limit`;
  if (result === undefined) return { target, verdict: "not tested", text: NOT_REACHED };
  const { status, failures, deviceTime, achieved, work } = result;
  if (status !== "ok") return { target, verdict: "not tested", text: `${status}: ${failures.at(-1)!.reason}` };
  const time = deviceTime ?? result.time;
  const peak = achieved?.peak;
  if (time === undefined || peak === undefined || work === undefined)
    return { target, verdict: "not tested", text: "no time, or no measured peak beside it" };
  const byTraffic = work.leastBytes / peak.bytesPerSecond;
  const byWork = work.flops / peak.flopsPerSecond;
  const limit = Math.max(byTraffic, byWork);
  const value = mapped(time, (seconds) => seconds / limit);
  const clock = deviceTime === undefined ? "wall" : "device";
  const text = `${formatWithInterval(value.estimate, value)}× (${milliseconds(time.estimate)} ${clock} time; limit ${milliseconds(limit)}, by ${byTraffic > byWork ? "traffic" : "operations"})`;
  return { target, verdict: (value.high ?? value.estimate) <= WITHIN ? "met" : "missed", text, value };
}

/** The least device time by the model of the kernels and the vendor's limits, over the measured one: 1 is as fast as can be. */
function againstPredictions(
  cases: readonly Case[],
  results: ReadonlyMap<string, Result>,
  limits: DeviceLimits | undefined,
): Answer[] {
  if (limits === undefined)
    return [{ target: "predicted device times", verdict: "not tested", text: "no limits are declared for this GPU" }];
  return cases.flatMap((item): Answer[] => {
    const passes = item.kind === "operator" ? webgpuPasses(item) : undefined;
    if (passes === undefined) return [];
    const { deviceSeconds, bound } = predict(passes, limits);
    const predicted = `at least ${milliseconds(deviceSeconds)} on ${limits.title}, by ${bound}; ${counted(passes.length, "program")}`;
    const target = `${placeOf(item)}: least predicted over measured device time`;
    const result = results.get(caseId(item));
    const time = result?.deviceTime;
    if (time === undefined) {
      const reason = result === undefined ? NOT_REACHED : (result.failures.at(-1)?.reason ?? "no timestamps");
      return [{ target, verdict: "not tested", text: `${reason} (${predicted})` }];
    }
    const value = rateOf(deviceSeconds, time);
    const text = `${formatWithInterval(value.estimate, value)} (${milliseconds(time.estimate)}; ${predicted})`;
    return [{ target, verdict: "measured", text, value }];
  });
}

function ratiosToOneScan(results: readonly Result[], records: readonly RunRecord[]): Answer[] {
  const ratios = ratioLookup(results);
  return SCANS.slice(1).map((contender) => {
    const target = `${contender} relative to one global scan`;
    const measured = results.filter((result) => result.contender === contender);
    const value = measured.flatMap((result) => ratios(result, SUBJECT) ?? []).at(-1);
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
  const answers = linesByCase(records).flatMap(({ case: item, records: lines }) => {
    if (item.kind !== "operator") return [];
    const [device, wall] = [readTimes(lines, "device").times, readTimes(lines).times];
    const ours = groupsOf(device.size > 0 ? device : wall);
    if (ours.length === 0) return [];
    return rowsLike(torch, item).map((row): Answer => {
      const target = `${placeOf(item)}: against PyTorch ${torch.torch}, ${row.form} in ${row.dtype.replace("torch.", "")}`;
      if (row.seconds === undefined)
        return { target, verdict: "not tested", text: row.error ?? row.skipped ?? "no time" };
      const random = streamOf(target);
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

function milliseconds(seconds: number): string {
  return `${(1000 * seconds).toPrecision(3)} ms`;
}

/** A Markdown table. */
export function tableOf(answers: readonly Answer[]): string {
  const rows = answers.map(({ target, verdict, text }) => `| ${target} | ${verdict} | ${text} |`);
  return ["| target | verdict | measured |", "|---|---|---|", ...rows, ""].join("\n");
}
