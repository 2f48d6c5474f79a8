// Where trained results stand, as a claim names it.

import { ENOUGH_SEEDS } from "#stats/non-inferiority";
import type { Estimate } from "#stats/estimate";
import type { Result } from "../result.ts";
import { judge, type ClaimPoint, type Limits, type PointVerdict } from "./claim.ts";

/** Data, size, steps, engine and scale. */
export function settingOf({ axes, training }: Result): ClaimPoint["where"] {
  const { dataLabel, synthetic } = training!.first;
  const { variant, steps, engine, scale } = axes as Record<string, string | number>;
  return { data: dataLabel, synthetic, variant: variant!, steps: steps!, engine: engine!, scale: scale! };
}

/** The finished trainings of a suite. */
export function trainedIn(results: readonly Result[], suite: string): Result[] {
  return results.filter(({ axes, training, stale }) => axes["suite"] === suite && training !== undefined && !stale);
}

/** As `judge`, over seeds: fewer than a headline needs decide nothing, whatever the numbers say. */
export function judgeSeeds(estimate: Estimate, limits: Limits): PointVerdict {
  return judge(estimate, limits, ENOUGH_SEEDS);
}
