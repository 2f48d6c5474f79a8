// Claims that a probe's score settles by itself: C5 on saturation, C6 on directions.

import { groupBy } from "#base/group";
import { CLAIM_LIMITS } from "#catalogue/claims";
import type { Estimate } from "#stats/estimate";
import { scoresByPosition } from "#report/score-names";
import { experimentsOf, inPoints, judgeSeeds, settingOf, settingText, type Experiment } from "./experiments.ts";
import { joined, notTested, printed, together, type Evidence, type Finding, type PointFinding } from "./finding.ts";

/** Recorded by the saturation probe, of trained layers and of the same layers before training. */
const SLOPE = "saturationSlope";
const INITIAL_SLOPE = "saturationSlopeInitial";

/** C5: slope of log(1 − λ_t) against log t in trained layers, beside the loss late in the sequence against a multiplicative decay. */
export function decayKeepsMore({ views }: Evidence): Finding {
  const experiments = experimentsOf(views, "saturation");
  const points = experiments.flatMap((own): PointFinding[] => {
    const slope = scoreOf(own, SLOPE);
    if (slope === undefined) return [];
    const limit = CLAIM_LIMITS.saturationSlope;
    const verdict = judgeSeeds(slope, { holds: (low) => low > limit, fails: (_, high) => high < limit });
    const rivals = (groupBy(experiments, settingOf).get(settingOf(own)) ?? []).filter((other) => other !== own);
    const beside = [own, ...rivals].flatMap((entry) => lossText(entry));
    const initial = scoreOf(own, INITIAL_SLOPE);
    const where = [
      settingText(own),
      ...(initial === undefined ? [] : [`before training ${printed(initial)}`]),
      ...(beside.length === 0 ? [] : [`loss early and late in the sequence: ${beside.join(", ")}`]),
    ].join(", ");
    return [{ where, estimate: slope, verdict, caseIds: [own, ...rivals].flatMap(({ caseIds }) => caseIds) }];
  });
  return points.length === 0 ? notTested("no slope of a trained causal additive layer") : together(points);
}

/** The loss at the first and at the last group of positions. */
function lossText(entry: Experiment): string[] {
  const groups = scoresByPosition(entry.view.training!.scores);
  const [early, late] = [groups[0], groups.at(-1)];
  return early === undefined || late === undefined || early === late
    ? []
    : [`${entry.case.contender} ${printed(early.estimate)} and ${printed(late.estimate)}`];
}

/** C6: accuracy on the direction task with MD-LRPE and MD-TPE, above chance. */
export function encodingsCarryPosition({ views }: Evidence): Finding {
  const limit = CLAIM_LIMITS.directionAboveChance;
  const own = experimentsOf(views, "direction-task").filter(
    ({ case: { contender, model } }) =>
      contender === "additive-global" && model.localMixing === "md-tpe" && model.mixer.encoding === "md-lrpe",
  );
  const points = own.flatMap((entry) => {
    const accuracy = scoreOf(entry, "top1");
    const chance = entry.view.training!.results[0]!.trivialScores["top1"];
    if (accuracy === undefined || chance === undefined) return [];
    const above = minus(accuracy, chance);
    const verdict = judgeSeeds(above, { holds: (low) => low >= limit, fails: (_, high) => high < limit });
    return [
      {
        verdict,
        text: `${inPoints(above)} above chance, n = ${above.n} ${above.n === 1 ? "seed" : "seeds"} (${settingText(entry)})`,
        caseIds: entry.caseIds,
      },
    ];
  });
  if (points.length === 0) return notTested("no accuracy of LightNet with MD-LRPE and MD-TPE on the direction task");
  return joined(points);
}

function scoreOf({ view }: Experiment, name: string): Estimate | undefined {
  return view.training!.scores[name];
}

function minus(estimate: Estimate, value: number): Estimate {
  const { low, high } = estimate;
  return {
    ...estimate,
    estimate: estimate.estimate - value,
    ...(low === undefined || high === undefined ? {} : { low: low - value, high: high - value }),
  };
}
