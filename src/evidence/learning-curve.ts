// Learning curves over seeds: mean and range of a value at each step, and of the seconds it took to get there.

import type { Seconds } from "#base/units";
import type { Trained } from "./trained.ts";

/** Mean over seeds, from the lowest to the highest. */
export interface Span {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface CurvePoint {
  readonly step: number;
  readonly value: Span;
  readonly seconds: Span;
  /** seeds that were read here */
  readonly n: number;
}

/** Names of the values that curves hold; `test.` marks those of the test split. */
export function curveNames({ runs }: Trained): string[] {
  const points = [...runs.values()].flatMap(({ curve }) => curve);
  return [...new Set(points.flatMap(({ values }) => Object.keys(values)))];
}

/** A value along training; seeds meet at steps. */
export function learningCurve({ runs }: Trained, name: string): CurvePoint[] {
  const bySteps = new Map<number, { readonly values: number[]; readonly seconds: Seconds[] }>();
  for (const { curve } of runs.values()) {
    for (const { step, elapsedSeconds, values } of curve) {
      const value = Object.hasOwn(values, name) ? values[name]! : Number.NaN;
      if (!Number.isFinite(value)) continue;
      const reached = bySteps.get(step) ?? { values: [], seconds: [] };
      reached.values.push(value);
      reached.seconds.push(elapsedSeconds);
      bySteps.set(step, reached);
    }
  }
  return [...bySteps]
    .toSorted(([a], [b]) => a - b)
    .map(([step, { values, seconds }]) => ({
      step,
      value: spanOf(values),
      seconds: spanOf(seconds),
      n: values.length,
    }));
}

function spanOf(values: readonly number[]): Span {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, low: Math.min(...values), high: Math.max(...values) };
}
