// Claims about time: C1, C2, C7, C8, C9.

import { groupBy } from "#base/group";
import { seriesId } from "../cases.ts";
import { timeGroups } from "../rounds.ts";
import { fitGrowth } from "../growth.ts";
import { CLAIM_LIMITS } from "#catalogue/claims";
import { Random } from "#base/random";
import { RESAMPLING_SEED } from "../summary.ts";
import type { Estimate } from "#stats/estimate";
import { independentRatioInterval } from "#stats/ratio";
import { decompositionsOf, FACTORS } from "#report/decomposition";
import type { CaseView } from "#report/view";
import {
  judge,
  notTested,
  placeOf,
  printed,
  together,
  type Evidence,
  type Finding,
  type PointFinding,
} from "./finding.ts";

const SUBJECT = "additive-global";
const POINT = ["dims", "N", "pass"] as const;
const WHOLE_POINT = ["level", ...POINT] as const;

/** C1: the faster two-direction rival over one scan, mixer layer, N ≥ 1024. */
export function oneScanIsFaster(evidence: Evidence): Finding {
  const { views, ratios } = evidence;
  const rivals = views.filter(
    (view) =>
      isTwoDirections(view) && view.axes["level"] === "mixer" && Number(view.axes["N"]) >= CLAIM_LIMITS.speedUpLeastN,
  );
  const points: PointFinding[] = [];
  let isJointMissing = false;
  for (const [where, candidates] of groupBy(rivals, (view) => placeOf(view, evidence, POINT))) {
    const measured = candidates.flatMap((view) => {
      const ratio = ratios(view, SUBJECT);
      return ratio === undefined ? [] : [{ view, ratio }];
    });
    const fastest = measured.toSorted((a, b) => a.ratio.estimate - b.ratio.estimate)[0];
    if (fastest === undefined) continue;
    const isJointMeasured = measured.some(({ view }) => isJoint(view));
    if (!isJointMeasured) isJointMissing = true;
    const verdict = judge(fastest.ratio, {
      holds: (low) => low > CLAIM_LIMITS.speedUpHolds,
      fails: (_, high) => high < CLAIM_LIMITS.speedUpRefuted,
    });
    // The faster of two is wanted: without one of them a pass is not shown, a failure is.
    points.push({
      where: `${fastest.view.contender}, ${where}`,
      estimate: fastest.ratio,
      verdict: verdict === "holds" && !isJointMeasured ? "undecided" : verdict,
      caseIds: [fastest.view.caseId],
    });
  }
  if (points.length === 0)
    return notTested("no mixer-layer times of a two-direction rival beside one additive scan at N ≥ 1024");
  const finding = together(points);
  const parts = decomposed(evidence);
  const text = [
    finding.text,
    ...(isJointMissing ? ["the joint form of two directions was not measured at this level"] : []),
    ...parts.map((part) => part.text),
  ].join("; ");
  return { ...finding, text, caseIds: [...new Set([...finding.caseIds, ...parts.flatMap(({ caseIds }) => caseIds)])] };
}

/** What the speed-up over two scans of vector decay is made of, forward. */
function decomposed(evidence: Evidence): { readonly text: string; readonly caseIds: readonly string[] }[] {
  const mixers = evidence.views.filter(
    ({ axes }) =>
      axes["level"] === "mixer" && axes["pass"] === "forward" && Number(axes["N"]) >= CLAIM_LIMITS.speedUpLeastN,
  );
  return decompositionsOf(mixers, evidence.ratios).map(({ at, ratios, caseIds }) => {
    const [whole, ...factors] = FACTORS.map(({ id, title }) => `${title} ${printed(ratios[id])}`);
    return { text: `${whole} = ${factors.join(" × ")} (${placeOf(at, evidence, POINT)})`, caseIds };
  });
}

function isTwoDirections({ axes, item }: CaseView): boolean {
  return (
    item.kind === "operator" &&
    axes["op"] === "multiplicative" &&
    axes["scans"] === 2 &&
    axes["layout"] === "parallel" &&
    item.quantity === "time"
  );
}

/** Strategies that compute two directions in one pass. */
const JOINT = ["joint", "fused-joint"];

function isJoint({ item, measured }: CaseView): boolean {
  return (
    (item.kind === "operator" && JOINT.includes(item.strategy)) ||
    (measured?.strategies.some((strategy) => JOINT.includes(strategy)) ?? false)
  );
}

/**
 * C2: slope of log T against m over the measured dimensions, from the least to the most (three equally
 * spaced dimensions give the least-squares slope); its interval from the ratio of the end points.
 */
export function costIgnoresDimension(evidence: Evidence): Finding {
  const { views, records } = evidence;
  const own = views.filter(
    (view) =>
      view.contender === SUBJECT &&
      view.item.suite === "scan-count" &&
      view.item.kind === "operator" &&
      view.time !== undefined,
  );
  const points: PointFinding[] = [];
  for (const [where, members] of groupBy(own, (view) => placeOf(view, evidence, ["level", "N", "pass"]))) {
    const ordered = members.toSorted((a, b) => Number(a.axes["dims"]) - Number(b.axes["dims"]));
    const [first, last] = [ordered[0]!, ordered.at(-1)!];
    const distance = Number(last.axes["dims"]) - Number(first.axes["dims"]);
    if (distance === 0) continue;
    const groupsOf = ({ caseId, measured }: CaseView) =>
      timeGroups(records.filter((record) => record.caseId === caseId && record.codeHash === measured?.codeHash));
    const random = new Random(RESAMPLING_SEED).fork(`C2/${first.caseId}`);
    const slope = logOf(independentRatioInterval(groupsOf(last), groupsOf(first), { random }), distance);
    const limit = CLAIM_LIMITS.dimensionSlope;
    const verdict = judge(slope, {
      holds: (low, high) => low >= -limit && high <= limit,
      fails: (low, high) => low > limit || high < -limit,
    });
    points.push({
      where: `${first.axes["dims"]}-D to ${last.axes["dims"]}-D, ${where}`,
      estimate: slope,
      verdict,
      caseIds: [first.caseId, last.caseId],
    });
  }
  return points.length === 0
    ? notTested("no times of one additive scan at two numbers of dimensions and the same N")
    : together(points);
}

function logOf(ratio: Estimate, distance: number): Estimate {
  const { low, high } = ratio;
  const ends =
    low === undefined || high === undefined ? {} : { low: Math.log(low) / distance, high: Math.log(high) / distance };
  return { ...ratio, estimate: Math.log(ratio.estimate) / distance, ...ends };
}

/** C7: exponent of time against N for N ≥ 4096. */
export function timeIsLinear({ summaries }: Evidence): Finding {
  const long = summaries.filter(
    ({ case: item }) =>
      item.kind === "operator" &&
      item.quantity === "time" &&
      item.level === "operator" &&
      item.contender === SUBJECT &&
      item.shape.N >= CLAIM_LIMITS.exponentLeastN,
  );
  const points = fitGrowth(long).flatMap(({ exponent, axes, lengths, series }): PointFinding[] => {
    if (exponent === undefined) return [];
    const verdict = judge(exponent, {
      holds: (low, high) => low >= CLAIM_LIMITS.exponentLow && high <= CLAIM_LIMITS.exponentHigh,
      fails: (low, high) => low > CLAIM_LIMITS.exponentHigh || high < CLAIM_LIMITS.exponentLow,
    });
    return [
      {
        where: `${axes["pass"]}, N ${Math.min(...lengths)} to ${Math.max(...lengths)}`,
        estimate: exponent,
        verdict,
        caseIds: caseIdsOf(long, series),
      },
    ];
  });
  return points.length === 0
    ? notTested(`no two lengths N ≥ ${CLAIM_LIMITS.exponentLeastN} at this scale`)
    : together(points);
}

/** C8: exponent of the time per token against context length. */
export function decodingIsFlat({ summaries }: Evidence): Finding {
  const own = summaries.filter(({ case: item }) => item.kind === "decode" && item.contender === "additive-causal");
  const points = fitGrowth(own).flatMap(({ exponent, lengths, series }): PointFinding[] => {
    if (exponent === undefined) return [];
    const limit = CLAIM_LIMITS.decodeSlope;
    const verdict = judge(exponent, {
      holds: (low, high) => low >= -limit && high <= limit,
      fails: (low) => low > limit,
    });
    return [
      {
        where: `contexts ${Math.min(...lengths)} to ${Math.max(...lengths)}`,
        estimate: exponent,
        verdict,
        caseIds: caseIdsOf(own, series),
      },
    ];
  });
  return points.length === 0 ? notTested("no decoding times at two context lengths") : together(points);
}

function caseIdsOf(summaries: Evidence["summaries"], series: string): string[] {
  return summaries.filter(({ case: item }) => seriesId(item) === series).map(({ caseId }) => caseId);
}

/** C9: order-free without decay over additive, beside two directions with vector decay over additive. */
export function gainIsAdditivity(evidence: Evidence): Finding {
  const { views, ratios } = evidence;
  const own = views.filter((view) => view.item.suite === "scan-count" && view.contender === "linear-global");
  const points = own.flatMap((view): PointFinding[] => {
    const ratio = ratios(view, SUBJECT);
    if (ratio === undefined) return [];
    const rival = views.find(
      (other) =>
        other.contender === "vector-2scan" &&
        other.item.suite === view.item.suite &&
        placeOf(other, evidence, WHOLE_POINT) === placeOf(view, evidence, WHOLE_POINT),
    );
    const beside = rival === undefined ? undefined : ratios(rival, SUBJECT);
    const verdict = judge(ratio, {
      holds: (low) => low > CLAIM_LIMITS.speedUpRefuted,
      fails: (_, high) => high < CLAIM_LIMITS.speedUpRefuted,
    });
    const where = `${placeOf(view, evidence, WHOLE_POINT)}${beside === undefined ? "" : `, beside ${printed(beside)} for two directions`}`;
    return [
      { where, estimate: ratio, verdict, caseIds: [view.caseId, ...(rival === undefined ? [] : [rival.caseId])] },
    ];
  });
  return points.length === 0
    ? notTested("no times of order-free linear attention beside one additive scan")
    : together(points);
}
