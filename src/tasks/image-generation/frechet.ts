// The Fréchet distance of two sets of feature vectors, each taken as a Gaussian.

import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { UsageError } from "#base/errors";

/** Feature vectors, one row an image: [count, width]. */
export interface Features {
  readonly count: number;
  readonly width: number;
  readonly values: Float64Array | Float32Array;
}

export interface Gaussian {
  readonly mean: readonly number[];
  /** symmetric, [width][width] */
  readonly covariance: readonly (readonly number[])[];
}

/**
 * Mean and unbiased covariance of feature vectors.
 *
 * @throws {UsageError} fewer than two vectors
 */
export function gaussianOf({ count, width, values }: Features): Gaussian {
  if (count < 2) throw new UsageError(`The covariance of features needs at least two of them, got ${count}.`);
  const mean = Array.from({ length: width }, (_, c) => {
    let sum = 0;
    for (let row = 0; row < count; row++) sum += values[row * width + c]!;
    return sum / count;
  });
  const centred = new Matrix(count, width);
  for (let row = 0; row < count; row++) {
    for (let c = 0; c < width; c++) centred.set(row, c, values[row * width + c]! - mean[c]!);
  }
  return { mean, covariance: centred.transpose().mmul(centred).div(count - 1).to2DArray() };
}

/**
 * |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁^½ Σ₂ Σ₁^½)^½), in float64. Covariances may be singular.
 *
 * @throws {UsageError} vectors of different widths
 * @source Dowson and Landau (1982); Heusel et al., arXiv 1706.08500
 */
export function frechetDistance(a: Gaussian, b: Gaussian): number {
  if (a.mean.length !== b.mean.length) throw new UsageError(`Features of ${a.mean.length} and ${b.mean.length} values have no distance.`);
  const shift = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]!) ** 2, 0);
  const [first, second] = [new Matrix(a.covariance as number[][]), new Matrix(b.covariance as number[][])];
  const root = rootOf(first);
  const product = root.mmul(second).mmul(root);
  const traceOfRoot = eigenvalues(symmetric(product)).reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  // Rounding may leave a distance of equal sets a little under 0.
  return Math.max(0, shift + first.trace() + second.trace() - 2 * traceOfRoot);
}

function eigenvalues(matrix: Matrix): number[] {
  return new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues;
}

/** The symmetric root of a positive semi-definite matrix: V diag(√λ) Vᵀ. */
function rootOf(matrix: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric(matrix), { assumeSymmetric: true });
  const scales = Matrix.diag(realEigenvalues.map((value) => Math.sqrt(Math.max(0, value))));
  return eigenvectorMatrix.mmul(scales).mmul(eigenvectorMatrix.transpose());
}

/** Takes out what rounding made unequal on the two sides of the diagonal. */
function symmetric(matrix: Matrix): Matrix {
  return Matrix.add(matrix, matrix.transpose()).mul(0.5);
}
