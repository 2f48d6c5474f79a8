// Calibration: a public number that our own run of the same configuration must reach before a suite's claims count.

import { axesOf, type AxisValue } from "./axes.ts";
import type { Case } from "./case.ts";

export interface Gate {
  readonly id: string;
  /** one sentence for tables: what must reach what */
  readonly title: string;
  /** the cases that are compared with the public number, by axes as in filters; over their seeds */
  readonly where: Readonly<Record<string, AxisValue>>;
  /** name of a score in their records */
  readonly score: string;
  readonly expected: number;
  readonly tolerance: number;
  /** where the number is published, and in what our configuration differs */
  readonly source: string;
}

/** Whether a gate looks at a case. */
export function isGated({ where }: Gate, item: Case): boolean {
  const axes = axesOf(item);
  return Object.entries(where).every(([axis, value]) => axes[axis] === value);
}
