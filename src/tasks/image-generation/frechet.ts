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
 * Mean and unbiased covariance of feature vectors, in float64.
 *
 * @throws {UsageError} fewer than two vectors
 */
export function gaussianOf(features: Features): Gaussian {
  const { count, width } = features;
  const mean = meanOf(features);
  const covariance = Array.from({ length: width }, () => new Float64Array(width));
  for (let row = 0; row < count; row++) {
    const x = centredRow(features, row, mean);
    for (let i = 0; i < width; i++) {
      const [factor, sums] = [x[i]!, covariance[i]!];
      for (let j = i; j < width; j++) sums[j]! += factor * x[j]!;
    }
  }
  return {
    mean,
    covariance: covariance.map((_, i) =>
      Array.from({ length: width }, (__, j) => covariance[Math.min(i, j)]![Math.max(i, j)]! / (count - 1)),
    ),
  };
}

function meanOf({ count, width, values }: Features): number[] {
  if (count < 2) throw new UsageError(`The covariance of features needs at least two of them, got ${count}.`);
  return Array.from({ length: width }, (_, c) => {
    let sum = 0;
    for (let row = 0; row < count; row++) sum += values[row * width + c]!;
    return sum / count;
  });
}

function centredRow({ width, values }: Features, row: number, mean: readonly number[]): Float64Array {
  return Float64Array.from({ length: width }, (_, c) => values[row * width + c]! - mean[c]!);
}

/**
 * The distance of two sets of vectors. Where a set has fewer vectors than they have values, covariances are not formed:
 * with centred vectors A and B as rows, over √(count − 1), the root's trace is the sum of the singular values of A Bᵀ.
 *
 * @throws {UsageError} vectors of different widths, fewer than two of them
 */
export function distanceOfFeatures(a: Features, b: Features): number {
  if (a.width !== b.width || Math.min(a.count, b.count) >= a.width)
    return frechetDistance(gaussianOf(a), gaussianOf(b));
  const [few, many] = a.count <= b.count ? [a, b] : [b, a];
  const [first, second] = [centred(few), centred(many)];
  const product = first.rows.mmul(second.rows.transpose()); // [few, many]
  const traceOfRoot = eigenvalues(symmetric(product.mmul(product.transpose()))).reduce(
    (sum, value) => sum + Math.sqrt(Math.max(0, value)),
    0,
  );
  return Math.max(
    0,
    squaredLength(first.mean, second.mean) + squaresOf(first.rows) + squaresOf(second.rows) - 2 * traceOfRoot,
  );
}

/** Vectors less their mean, over √(count − 1): their products are the covariance. */
function centred(features: Features): { readonly mean: readonly number[]; readonly rows: Matrix } {
  const mean = meanOf(features);
  const rows = Array.from({ length: features.count }, (_, row) => Array.from(centredRow(features, row, mean)));
  return { mean, rows: new Matrix(rows).div(Math.sqrt(features.count - 1)) };
}

function squaresOf(matrix: Matrix): number {
  return matrix.norm("frobenius") ** 2;
}

function squaredLength(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
}

/**
 * |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁^½ Σ₂ Σ₁^½)^½), in float64. Covariances may be singular.
 *
 * @throws {UsageError} vectors of different widths
 * @source Dowson and Landau (1982); Heusel et al., arXiv 1706.08500
 */
export function frechetDistance(a: Gaussian, b: Gaussian): number {
  if (a.mean.length !== b.mean.length)
    throw new UsageError(`Features of ${a.mean.length} and ${b.mean.length} values have no distance.`);
  const [first, second] = [new Matrix(a.covariance as number[][]), new Matrix(b.covariance as number[][])];
  const root = rootOf(first);
  const product = root.mmul(second).mmul(root);
  const traceOfRoot = eigenvalues(symmetric(product)).reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  // Rounding may leave a distance of equal sets a little under 0.
  return Math.max(0, squaredLength(a.mean, b.mean) + first.trace() + second.trace() - 2 * traceOfRoot);
}

function eigenvalues(matrix: Matrix): number[] {
  return new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues;
}

/** The symmetric root of a positive semi-definite matrix: V diag(√λ) Vᵀ. */
function rootOf(matrix: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric(matrix), {
    assumeSymmetric: true,
  });
  const scales = Matrix.diag(realEigenvalues.map((value) => Math.sqrt(Math.max(0, value))));
  return eigenvectorMatrix.mmul(scales).mmul(eigenvectorMatrix.transpose());
}

/** Takes out what rounding made unequal on the two sides of the diagonal. */
function symmetric(matrix: Matrix): Matrix {
  return Matrix.add(matrix, matrix.transpose()).mul(0.5);
}
