// Outliers are counted and kept, never dropped: a slow sample is something the machine did.
//
// Source: J. W. Tukey, "Exploratory Data Analysis" (1977), §2D: fences at 1.5 and 3 interquartile ranges
// beyond the quartiles.

import { interquartileRange, quantile } from "./quantiles.ts";
import type { SortedSamples } from "./samples.ts";

const MILD = 1.5;
const SEVERE = 3;

export interface OutlierCounts {
  readonly lowSevere: number;
  readonly lowMild: number;
  readonly highMild: number;
  readonly highSevere: number;
}

/** How many samples lie outside Tukey's fences; a severe outlier is not counted as mild too. */
export function countOutliers(sorted: SortedSamples): OutlierCounts {
  const lower = quantile(sorted, 0.25);
  const upper = quantile(sorted, 0.75);
  const range = interquartileRange(sorted);
  const counts = { lowSevere: 0, lowMild: 0, highMild: 0, highSevere: 0 };
  for (const value of sorted) {
    if (value < lower - SEVERE * range) counts.lowSevere++;
    else if (value < lower - MILD * range) counts.lowMild++;
    else if (value > upper + SEVERE * range) counts.highSevere++;
    else if (value > upper + MILD * range) counts.highMild++;
  }
  return counts;
}
