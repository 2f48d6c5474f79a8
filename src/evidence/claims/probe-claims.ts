// Claims that a probe's score settles by itself: C5 on saturation, C6 and C11 on directions.

import { CLAIM_LIMITS } from "#catalogue/claims";
import { mapped } from "#stats/estimate";
import { placeOf, SUBJECT } from "../point.ts";
import type { Result } from "../result.ts";
import { scoresByPosition } from "../score-parts.ts";
import { together, type ClaimEvidence, type ClaimPoint, type Finding } from "./claim.ts";
import { judgeSeeds, settingOf, trainedIn } from "./settings.ts";

/** Recorded by the saturation probe, of trained layers and of the same layers before training. */
const SLOPE = "saturationSlope";
const INITIAL_SLOPE = "saturationSlopeInitial";

/** C5: slope of log(1 − λ_t) against log t in trained layers, beside the loss late in the sequence against a multiplicative decay. */
export function decayKeepsMore({ results }: ClaimEvidence): Finding {
  const trained = trainedIn(results, "saturation");
  const limit = CLAIM_LIMITS.saturationSlope;
  const points = trained.flatMap((own): ClaimPoint[] => {
    const { scores } = own.training!;
    const slope = scores.get(SLOPE);
    if (slope === undefined) return [];
    const common = { where: settingOf(own), unit: "plain", caseIds: own.caseIds } as const;
    const initial = scores.get(INITIAL_SLOPE);
    const place = settingPlace(own);
    const rivals = trained.filter((other) => other !== own && settingPlace(other) === place);
    return [
      {
        ...common,
        estimate: slope,
        verdict: judgeSeeds(slope, { holds: (low) => low > limit, fails: (_, high) => high < limit }),
      },
      ...(initial === undefined ? [] : [{ what: "before training", ...common, estimate: initial }]),
      ...[own, ...rivals].flatMap(lossPoints),
    ];
  });
  return together(points, "no slope of a trained causal additive layer");
}

/** Contenders have positions of their own kind. */
function settingPlace({ point }: Result): string {
  return placeOf(point, ["encoding", "localMixing"]);
}

/** The loss at the first and at the last group of positions. */
function lossPoints(result: Result): ClaimPoint[] {
  const groups = scoresByPosition(result.training!.scores);
  const [early, late] = [groups[0], groups.at(-1)];
  if (early === undefined || late === undefined || early === late) return [];
  const common = { where: { contender: result.contender }, unit: "plain", caseIds: result.caseIds } as const;
  return [
    { what: "loss early in the sequence", ...common, estimate: early.estimate },
    { what: "loss late in the sequence", ...common, estimate: late.estimate },
  ];
}

/** Its form in runs of schema 1, and the authors'. */
const MD_TPE: ReadonlySet<unknown> = new Set(["md-tpe", "md-tpe-per-axis"]);

/** C6: accuracy on the direction task with MD-TPE and no relative encoding, above chance. */
export function localMixingCarriesDirection({ results }: ClaimEvidence): Finding {
  const own = directionRuns(results).filter(
    ({ axes }) => MD_TPE.has(axes["localMixing"]) && axes["encoding"] === "none",
  );
  const points = own.flatMap((result) => {
    const chance = result.training!.trivial.get("top1");
    return chance === undefined ? [] : accuracyAbove(result, chance, "above chance");
  });
  return together(points, "no accuracy of LightNet with MD-TPE and no relative encoding on the direction task");
}

/** C11: accuracy without local mixing above what is reached at most without telling a motion from its reverse; the rotating form decides. */
export function relativeEncodingCarriesDirection({ results }: ClaimEvidence): Finding {
  const own = directionRuns(results).filter(({ axes }) => axes["localMixing"] === "none");
  const points = own.flatMap((result): ClaimPoint[] => {
    const isRotating = result.axes["encoding"] === "md-lrpe-rotating";
    if (!isRotating && result.axes["encoding"] !== "md-lrpe") return [];
    const what = `${isRotating ? "rotating" : "cosine"}, above 50 %`;
    const judged = accuracyAbove(result, CLAIM_LIMITS.blindToMirroring, what);
    return isRotating ? judged : judged.map(({ verdict: _beside, ...point }) => point);
  });
  return together(
    points,
    "no accuracy of LightNet with rotating MD-LRPE and without local mixing on the direction task",
  );
}

function directionRuns(results: readonly Result[]): Result[] {
  return trainedIn(results, "direction-task").filter(({ contender }) => contender === SUBJECT);
}

function accuracyAbove(result: Result, start: number, what: string): ClaimPoint[] {
  const accuracy = result.training!.scores.get("top1");
  if (accuracy === undefined) return [];
  const limit = CLAIM_LIMITS.directionAboveChance;
  const estimate = mapped(accuracy, (value) => value - start);
  const verdict = judgeSeeds(estimate, { holds: (low) => low >= limit, fails: (_, high) => high < limit });
  return [{ what, where: settingOf(result), estimate, unit: "points", verdict, caseIds: result.caseIds }];
}
