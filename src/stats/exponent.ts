// Growth: the exponent p of y ∝ x^p as the slope of log y against log x.
//
// Source: least squares and the t interval of a slope: N. R. Draper, H. Smith, "Applied Regression Analysis",
// 3rd ed. (1998), §1.4. The interval measures how far the points are from one straight line, not the noise of
// each point: a curve that bends (overhead at small x, cache at large x) has a wide one.

import { studentQuantile } from "./distributions.ts";
import { CONFIDENCE, type Estimate } from "./estimate.ts";
import { checkPositive, SampleError } from "./samples.ts";

export interface ExponentFit extends Estimate {
  /** slope between the two largest x: what the curve tends to */
  readonly lastExponent: number;
  /** the fit's factor: y ≈ factor · x^exponent */
  readonly factor: number;
  /** share of the variance of log y explained; 1 for two points */
  readonly rSquared: number;
}

/**
 * Fits y = c x^p by least squares on logarithms. The interval needs three points.
 *
 * @throws {SampleError} lengths differ, fewer than two different x, or a value not finite and above zero
 */
export function exponentFit(x: ArrayLike<number>, y: ArrayLike<number>, confidence = CONFIDENCE): ExponentFit {
  if (x.length !== y.length) {
    throw new SampleError("exponentFit", `x and y must pair up, got ${x.length} and ${y.length} values.`);
  }
  const logX = checkPositive("exponentFit", x).map(Math.log);
  const logY = checkPositive("exponentFit", y).map(Math.log);
  const line = leastSquares(logX, logY);
  const { slope, intercept, squaresX, residual, total } = line;
  const common = {
    estimate: slope,
    confidence,
    n: logX.length,
    lastExponent: lastSlope(logX, logY),
    factor: Math.exp(intercept),
    rSquared: total === 0 ? 1 : Math.max(0, 1 - residual / total),
  };
  const freedom = logX.length - 2;
  if (freedom === 0) return { ...common, method: "line through two points: no interval" };
  const half = studentQuantile((1 + confidence) / 2, freedom) * Math.sqrt(residual / freedom / squaresX);
  return { ...common, low: slope - half, high: slope + half, method: "least squares on logarithms" };
}

interface Line {
  readonly slope: number;
  readonly intercept: number;
  /** Σ (x − x̄)² */
  readonly squaresX: number;
  /** residual sum of squares */
  readonly residual: number;
  /** total sum of squares of y */
  readonly total: number;
}

function leastSquares(x: Float64Array, y: Float64Array): Line {
  const n = x.length;
  const meanX = x.reduce((sum, value) => sum + value, 0) / n;
  const meanY = y.reduce((sum, value) => sum + value, 0) / n;
  let squaresX = 0;
  let products = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    squaresX += (x[i]! - meanX) ** 2;
    products += (x[i]! - meanX) * (y[i]! - meanY);
    total += (y[i]! - meanY) ** 2;
  }
  if (squaresX === 0) throw new SampleError("exponentFit", `two different x are needed, got ${n} equal ones.`);
  const slope = products / squaresX;
  const intercept = meanY - slope * meanX;
  let residual = 0;
  for (let i = 0; i < n; i++) residual += (y[i]! - intercept - slope * x[i]!) ** 2;
  return { slope, intercept, squaresX, residual, total };
}

function lastSlope(x: Float64Array, y: Float64Array): number {
  const order = Array.from(x.keys()).sort((a, b) => x[a]! - x[b]!);
  const last = order.at(-1)!;
  const before = order.findLast((index) => x[index]! < x[last]!)!;
  return (y[last]! - y[before]!) / (x[last]! - x[before]!);
}
