// Precision and recall of generated images: which lie among the real ones, and which real ones they cover.

import { UsageError } from "#base/errors";
import type { Features } from "./frechet.ts";

/** Neighbours that make up a vector's surroundings. */
export const NEIGHBOURS = 3;

/**
 * Every vector has a ball that reaches to its k-th neighbour within its own set. Precision is the share of generated
 * vectors in some ball of a real one, recall the share of real vectors in some ball of a generated one.
 *
 * @throws {UsageError} a set of k vectors or fewer, or different widths
 * @source Kynkäänniemi et al., arXiv 1904.06991
 */
export function precisionRecall(
  real: Features,
  generated: Features,
  k = NEIGHBOURS,
): { readonly precision: number; readonly recall: number } {
  if (real.width !== generated.width)
    throw new UsageError(`Features of ${real.width} and ${generated.width} values cannot be compared.`);
  if (Math.min(real.count, generated.count) <= k)
    throw new UsageError(
      `Precision and recall with ${k} neighbours need more than ${k} images of each kind, got ${real.count} and ${generated.count}.`,
    );
  return { precision: shareWithin(generated, real, k), recall: shareWithin(real, generated, k) };
}

/** Share of `vectors` that lie in a ball around one of `centres`. */
function shareWithin(vectors: Features, centres: Features, k: number): number {
  const radii = Array.from({ length: centres.count }, (_, row) => radiusOf(centres, row, k));
  let inside = 0;
  for (let row = 0; row < vectors.count; row++) {
    if (
      radii.some(
        (radius, centre) => squaredDistance(vectors, row, { of: centres, row: centre, limit: radius }) <= radius,
      )
    )
      inside++;
  }
  return inside / vectors.count;
}

/** Squared distance to the k-th neighbour. */
function radiusOf(centres: Features, row: number, k: number): number {
  const nearest = new Array<number>(k).fill(Infinity); // in order
  for (let other = 0; other < centres.count; other++) {
    if (other === row) continue;
    let distance = squaredDistance(centres, row, { of: centres, row: other, limit: nearest[k - 1]! });
    for (let place = 0; place < k; place++) {
      if (distance < nearest[place]!) [nearest[place], distance] = [distance, nearest[place]!];
    }
  }
  return nearest[k - 1]!;
}

interface Other {
  readonly of: Features;
  readonly row: number;
  /** a distance beyond it need not be known: most of the work is saved on wide vectors */
  readonly limit: number;
}

/** Exact up to `limit`, any larger number beyond. */
function squaredDistance({ values, width }: Features, row: number, { of, row: other, limit }: Other): number {
  let sum = 0;
  for (let c = 0; c < width && sum <= limit; c++)
    sum += (values[row * width + c]! - of.values[other * width + c]!) ** 2;
  return sum;
}
