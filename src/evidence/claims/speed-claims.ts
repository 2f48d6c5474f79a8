// Claims about time: C1, C2, C7, C8, C9.

import { groupBy } from "#base/group";
import { CLAIM_LIMITS } from "#catalogue/claims";
import { mapped, type Estimate } from "#stats/estimate";
import { independentRatioInterval } from "#stats/ratio";
import { FACTORS } from "../decomposition.ts";
import { fitGrowth, type Growth } from "../growth.ts";
import { placeOf, SUBJECT, SUBJECTS, type AxisName } from "../point.ts";
import { streamOf } from "../resampling.ts";
import type { Result } from "../result.ts";
import { groupsOf } from "../times.ts";
import { judge, together, within, type ClaimEvidence, type ClaimPoint, type Finding, type Limits } from "./claim.ts";

const [, CAUSAL_SUBJECT] = SUBJECTS;

/** C1: the fastest rival of all that sees every token over one scan, mixer layer, N ≥ 1024. */
export function oneScanIsFaster({ results, ratios, decompositions }: ClaimEvidence): Finding {
  const isLong = ({ axes }: Result): boolean =>
    axes["level"] === "mixer" && Number(axes["N"]) >= CLAIM_LIMITS.speedUpLeastN;
  const rivals = results.filter((result) => hasDirections(result) && isLong(result));
  const places = [...groupBy(rivals, ({ place }) => place).values()].map((candidates) =>
    candidates.flatMap((result) => {
      const estimate = ratios(result, SUBJECT);
      return estimate === undefined ? [] : [{ result, estimate }];
    }),
  );
  // The fastest of all is wanted: without the joint form of two directions a pass is not shown, a failure is.
  const lacksJoint = (measured: readonly Rival[]) => !measured.some(({ result }) => isJoint(result));
  const points = places.flatMap((measured): ClaimPoint[] => {
    const fastest = fastestOf(measured);
    if (fastest === undefined) return [];
    const limits = {
      holds: (low: number) => low > CLAIM_LIMITS.speedUpHolds,
      fails: (_: number, high: number) => high < CLAIM_LIMITS.speedUpRefuted,
    };
    const verdict = judge(fastest.estimate, limits);
    const whole = fastestOf(measured.filter(({ result }) => result.axes["layout"] !== "alternate"));
    return [
      { ...pointOf(fastest), verdict: verdict === "holds" && lacksJoint(measured) ? "undecided" : verdict },
      ...(whole === undefined || whole === fastest
        ? []
        : [{ what: "fastest whose every layer sees all tokens", ...pointOf(whole) }]),
    ];
  });
  const parts = decompositions.filter(({ at }) => isLong(at) && at.axes["pass"] === "forward").flatMap(factorPoints);
  return together(
    [...points, ...parts],
    "no mixer-layer times of a rival with two or more directions beside one additive scan at N ≥ 1024",
    places.some((measured) => measured.length > 0 && lacksJoint(measured))
      ? ["the joint form of two directions was not measured at this level"]
      : [],
  );
}

interface Rival {
  readonly result: Result;
  readonly estimate: Estimate;
}

function fastestOf(rivals: readonly Rival[]): Rival | undefined {
  return rivals.toSorted((a, b) => a.estimate.estimate - b.estimate.estimate)[0];
}

function pointOf({ result, estimate }: Rival): Omit<ClaimPoint, "verdict"> {
  const where = { contender: result.contender, ...placeAxes(result, ["dims", "N", "pass"]) };
  return { where, estimate, unit: "plain", caseIds: [result.id] };
}

/** What the speed-up over two scans of vector decay is made of. */
function factorPoints({ at, ratios, caseIds }: ClaimEvidence["decompositions"][number]): ClaimPoint[] {
  const where = placeAxes(at, ["dims", "N", "pass"]);
  return FACTORS.map(({ id, title }) => ({ what: title, where, estimate: ratios[id], unit: "plain", caseIds }));
}

function placeAxes({ axes }: Result, names: readonly AxisName[]): ClaimPoint["where"] {
  return Object.fromEntries([...names, "engine", "scale"].map((name) => [name, axes[name]!]));
}

/** However they are arranged: with directions that alternate from layer to layer a stack sees every token, too. */
function hasDirections({ axes }: Result): boolean {
  return axes["op"] === "multiplicative" && Number(axes["scans"]) >= 2 && axes["quantity"] === "time";
}

/** Strategies that compute two directions in one pass. */
const JOINT = ["joint", "fused-joint"];

function isJoint({ axes, strategies }: Result): boolean {
  return [axes["strategy"], ...strategies].some((strategy) => JOINT.includes(String(strategy)));
}

/**
 * C2: slope of log T against m over the measured dimensions, from the least to the most (three equally
 * spaced dimensions give the least-squares slope); its interval from the ratio of the end points.
 */
export function costIgnoresDimension({ results }: ClaimEvidence): Finding {
  const own = results.filter(
    ({ contender, axes, time }) =>
      contender === SUBJECT && axes["suite"] === "scan-count" && axes["kind"] === "operator" && time !== undefined,
  );
  const lines = groupBy(own, ({ point }) => placeOf(point, ["dims", "grid"]));
  const points = [...lines.values()].flatMap((members): ClaimPoint[] => {
    const dimsOf = ({ axes }: Result): number => Number(axes["dims"]);
    const ordered = members.toSorted((a, b) => dimsOf(a) - dimsOf(b));
    const [first, last] = [ordered[0]!, ordered.at(-1)!];
    const distance = dimsOf(last) - dimsOf(first);
    if (distance === 0) return [];
    const ends = [groupsOf(last.times), groupsOf(first.times)] as const;
    const ratio = independentRatioInterval(...ends, { random: streamOf(`C2/${first.id}`) });
    const estimate = mapped(ratio, (value) => Math.log(value) / distance);
    const where = { from: dimsOf(first), to: dimsOf(last), ...placeAxes(first, ["level", "N", "pass"]) };
    const verdict = judge(estimate, within(-CLAIM_LIMITS.dimensionSlope, CLAIM_LIMITS.dimensionSlope));
    return [{ where, estimate, unit: "plain", verdict, caseIds: [first.id, last.id] }];
  });
  return together(points, "no times of one additive scan at two numbers of dimensions and the same N");
}

/** C7: exponent of time against N for N ≥ 1024. */
export function timeIsLinear({ results }: ClaimEvidence): Finding {
  const long = results.filter(
    ({ contender, axes }) =>
      contender === SUBJECT &&
      axes["quantity"] === "time" &&
      axes["level"] === "operator" &&
      Number(axes["N"]) >= CLAIM_LIMITS.exponentLeastN,
  );
  const limits = within(CLAIM_LIMITS.exponentLow, CLAIM_LIMITS.exponentHigh);
  const none = `no two lengths N ≥ ${CLAIM_LIMITS.exponentLeastN} at this scale`;
  return together(exponents(fitGrowth(long), limits), none);
}

/** C8: exponent of the time per token against context length. */
export function decodingIsFlat({ growth }: ClaimEvidence): Finding {
  const own = [...growth.values()].filter(
    ({ contender, point }) => point["kind"] === "decode" && contender === CAUSAL_SUBJECT,
  );
  const limit = CLAIM_LIMITS.decodeSlope;
  const limits = { ...within(-limit, limit), fails: (low: number) => low > limit };
  return together(exponents(own, limits), "no decoding times at two context lengths");
}

function exponents(growth: readonly Growth[], limits: Limits): ClaimPoint[] {
  return growth.flatMap(({ exponent, point, lengths, caseIds }): ClaimPoint[] => {
    if (exponent === undefined) return [];
    const where = {
      ...(point["pass"] === undefined ? {} : { pass: point["pass"] }),
      fromN: Math.min(...lengths),
      toN: Math.max(...lengths),
      engine: point["engine"]!,
      scale: point["scale"]!,
    };
    return [{ where, estimate: exponent, unit: "plain", verdict: judge(exponent, limits), caseIds }];
  });
}

/** C9: order-free without decay over additive, beside two directions with vector decay over additive. */
export function gainIsAdditivity({ results, ratios }: ClaimEvidence): Finding {
  const own = results.filter(({ axes, contender }) => axes["suite"] === "scan-count" && contender === "linear-global");
  const points = own.flatMap((result): ClaimPoint[] => {
    const estimate = ratios(result, SUBJECT);
    if (estimate === undefined) return [];
    const where = placeAxes(result, ["level", "dims", "N", "pass"]);
    const limit = CLAIM_LIMITS.speedUpRefuted;
    const verdict = judge(estimate, { holds: (low) => low > limit, fails: (_, high) => high < limit });
    const rival = results.find(({ contender, place }) => contender === "vector-2scan" && place === result.place);
    const beside = rival && ratios(rival, SUBJECT);
    return [
      { where, estimate, unit: "plain", verdict, caseIds: [result.id] },
      ...(beside === undefined
        ? []
        : [{ what: "two directions", where, estimate: beside, unit: "plain" as const, caseIds: [rival!.id] }]),
    ];
  });
  return together(points, "no times of order-free linear attention beside one additive scan");
}
