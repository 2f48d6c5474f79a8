// The roofline: operations a second against operations per byte, under the ceilings that the engine itself reached in
// the same processes. A point below the slope waits for memory, one below the flat part for arithmetic.
//
// Source: S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance model for multicore
// architectures", CACM 52 (2009) 65. Bytes are the least that any implementation moves, so a point may stand further
// right than its real traffic would put it.

import { groupBy } from "#base/group";
import type { Estimate } from "#stats/estimate";
import { median } from "#stats/quantiles";
import type { Achieved, Result } from "./result.ts";

/** A result with everything a point under the roof needs. */
export interface RooflinePoint {
  readonly result: Result;
  readonly N: number;
  /** operations per byte */
  readonly intensity: number;
  readonly speed: Estimate;
  readonly peak: NonNullable<Achieved["peak"]>;
}

/** Every curve at the longest length at which it has a result. */
export function rooflinePoints(results: readonly Result[]): RooflinePoint[] {
  const points = results.flatMap((result): RooflinePoint[] => {
    const { work, achieved, axes } = result;
    if (work === undefined || achieved?.peak === undefined || work.flops <= 0 || work.leastBytes <= 0) return [];
    const { flopsPerSecond: speed, peak } = achieved;
    return [{ result, N: Number(axes["N"]), intensity: work.flops / work.leastBytes, speed, peak }];
  });
  return [...groupBy(points, ({ result }) => result.series).values()].map((curve) =>
    curve.reduce((a, b) => (b.N > a.N ? b : a)),
  );
}

export interface Roof {
  readonly flopsPeak: number;
  readonly bytesPeak: number;
  /** operations per byte at which the slope meets the flat part */
  readonly ridge: number;
}

export function roofOf(points: readonly RooflinePoint[]): Roof {
  const flopsPeak = median(points.map(({ peak }) => peak.flopsPerSecond));
  const bytesPeak = median(points.map(({ peak }) => peak.bytesPerSecond));
  return { flopsPeak, bytesPeak, ridge: flopsPeak / bytesPeak };
}

/** Operations a second that the roof allows. */
export function roofAt({ flopsPeak, bytesPeak }: Roof, intensity: number): number {
  return Math.min(flopsPeak, bytesPeak * intensity);
}
