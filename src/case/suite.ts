// A suite declares what to run: one file per question under suites/, nothing but data and grids.

import type { Case, CaseKind, EngineId, Scale } from "./case.ts";

/** What a suite may look at when it lays out its cases. */
export interface SuiteContext {
  readonly scale: Scale;
  readonly engine: EngineId;
  /** ids of the data sets found on this machine, the procedural ones included */
  readonly datasets: readonly string[];
  /** number of seeds asked for; the suite's own choice when absent */
  readonly seeds?: number;
  /** learning rates at scale small: those that a sweep chose (default), or those of the recipes, to look at cases without it */
  readonly rates?: "chosen" | "recipe";
}

/** A figure as data: which records it takes, and what stands on its axes. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  /** only records whose axes have these values */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  /** axis on x: an axis name of a case (`N`, `dims`, …), `step`, `seconds` and `tokens` (of training; examples where the data are no text) for learning curves, `position` for scores by position, `intensity` (operations per byte) for rooflines */
  readonly x: string;
  /** quantity on y; its unit follows from it. `roofline`: operations per second at the longest N, under the measured peaks; `difference`: of a score to LightNet's, paired by seed, which a report draws beside each figure of scores by contender */
  readonly y: "time" | "memory" | "throughput" | "roofline" | "loss" | "score" | "difference" | "ratio" | "operations";
  /** y = score, difference: its name; default the one the task leads with */
  readonly score?: string;
  /** y = ratio: the contender in the denominator */
  readonly baseline?: string;
  /** only records at the largest N that the suite holds */
  readonly longest?: boolean;
  /** axis whose values make the lines; default: a line a contender */
  readonly by?: string;
  /** one picture for each combination of these axes */
  readonly facets?: readonly string[];
  /** axes whose values head groups of rows in one picture, in the place of a picture each; rows are compared within their group */
  readonly headings?: readonly string[];
  readonly kind: "line" | "bar" | "points";
}

export interface Suite {
  readonly id: string;
  readonly title: string;
  /** what it asks, one sentence; the report says what was found */
  readonly question: string;
  readonly kind: CaseKind;
  /** fresh processes for each matchup, by scale */
  readonly processes: Readonly<Record<Scale, number>>;
  readonly figures: readonly Figure[];
  /** contenders of this package, by name, that `reproduce` takes along where they are set up */
  readonly alongside?: readonly string[];
  /** the cases of a first answer: all their processes run before anything else, and a report is written then */
  readonly leads?: (item: Case) => boolean;
  readonly cases: (context: SuiteContext) => readonly Case[];
}

/** Declares a suite; the identity function that gives the declaration its type. */
export function defineSuite(suite: Suite): Suite {
  return suite;
}

/** All combinations of the values of each axis, first axis slowest: `{a:[1,2], b:[3]}` → `[{a:1,b:3},{a:2,b:3}]`. */
export function grid<const Axes extends Readonly<Record<string, readonly unknown[]>>>(
  axes: Axes,
): { -readonly [Name in keyof Axes]: Axes[Name][number] }[] {
  type Point = { -readonly [Name in keyof Axes]: Axes[Name][number] };
  return Object.entries(axes).reduce<Record<string, unknown>[]>(
    (points, [name, values]) => points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  ) as Point[];
}
