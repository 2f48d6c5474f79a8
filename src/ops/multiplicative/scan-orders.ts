// The orders in which directional scans visit a grid, and how a spec arranges its directions.

import type { OperatorSpec, Shape } from "#case/case";

/** One directional scan: its order of visit and what it covers. */
export interface Direction {
  /** which slice of the inputs that directions do not share; 0 where all is shared */
  readonly index: number;
  /** token visited at each step; undefined = 0, 1, 2, … */
  readonly order: Int32Array | undefined;
  /** heads `from` ≤ h < `to` */
  readonly heads: readonly [from: number, to: number];
  /** false where another direction already counts the current token */
  readonly countsCurrent: boolean;
}

/** Numbers of scans that make sense over a grid of m dimensions: 1, 2 (row-major and its reverse), 2m (each axis). */
export function possibleScans(dimensions: number): readonly number[] {
  return [...new Set([1, 2, 2 * dimensions])];
}

/**
 * Tokens in the order that direction `index` visits them.
 *
 * Directions 2a and 2a + 1 let the a-th axis from the last vary fastest (the others keep their order): row-major
 * first, in two dimensions then column-major. Odd directions are the reverse of the even one before.
 * Prefix tokens come first in every forward order, so last in its reverse.
 *
 * @returns undefined for the order of storage
 */
export function scanOrder(shape: Pick<Shape, "grid" | "prefix">, index: number): Int32Array | undefined {
  if (index === 0) return undefined;
  const order = forwardOrder(shape, Math.floor(index / 2));
  return index % 2 === 1 ? order.reverse() : order;
}

function forwardOrder({ grid, prefix }: Pick<Shape, "grid" | "prefix">, axisFromLast: number): Int32Array {
  const fastest = grid.length - 1 - axisFromLast;
  const axes = [...grid.keys()].filter((axis) => axis !== fastest).concat(fastest);
  const strides = grid.map((_, axis) => grid.slice(axis + 1).reduce((product, n) => product * n, 1));
  const order = new Int32Array(prefix + grid.reduce((product, n) => product * n, 1));
  for (let step = 0; step < order.length; step++) {
    let rest = step - prefix;
    let token = prefix;
    for (let a = axes.length - 1; a >= 0; a--) {
      const axis = axes[a]!;
      token += (rest % grid[axis]!) * strides[axis]!;
      rest = Math.floor(rest / grid[axis]!);
    }
    order[step] = step < prefix ? step : token;
  }
  return order;
}

/** The step at which each token is visited: `inverse[order[i]] = i`. */
export function inverseOrder(order: Int32Array): Int32Array {
  const inverse = new Int32Array(order.length);
  order.forEach((token, step) => (inverse[token] = step));
  return inverse;
}

/** The directions that a spec runs; one for causal, single-scan and alternate, `scans` otherwise. */
export function directionsOf(spec: OperatorSpec, shape: Shape): Direction[] {
  const scans = spec.scans ?? 1;
  const all = [0, shape.H] as const;
  if (spec.causal || scans === 1) return [{ index: 0, order: undefined, heads: all, countsCurrent: true }];
  if (spec.layout === "alternate") {
    return [{ index: 0, order: scanOrder(shape, spec.direction ?? 0), heads: all, countsCurrent: true }];
  }
  const split = spec.layout === "head-split";
  const group = shape.H / scans;
  return Array.from({ length: scans }, (_, index) => ({
    index,
    order: scanOrder(shape, index),
    heads: split ? ([index * group, (index + 1) * group] as const) : all,
    countsCurrent: split || index === 0 || spec.currentToken !== "once",
  }));
}

/** Which inputs carry a leading axis of directions. */
export function unsharedInputs(spec: OperatorSpec): readonly ("q" | "k" | "v" | "logDecay")[] {
  switch (spec.sharing ?? "all") {
    case "all":
      return [];
    case "decay":
      return ["logDecay"];
    case "k+decay":
      return ["k", "logDecay"];
    case "none":
      return ["q", "k", "v", "logDecay"];
  }
}

/** What the sum over directions is multiplied by. */
export function mergeFactor(spec: OperatorSpec): number {
  return spec.merge === "mean" && spec.layout !== "head-split" && spec.layout !== "alternate"
    ? 1 / (spec.scans ?? 1)
    : 1;
}
