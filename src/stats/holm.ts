// Many tests at once: Holm's step-down adjustment, which keeps the chance of any false alarm in a table below α
// whatever the dependence between the tests.
//
// Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
// Statistics 6 (1979) 65.

/**
 * Adjusted p-values in the order given: p̃_(i) = max_{j ≤ i} min(1, (m − j + 1) p_(j)).
 *
 * @throws {RangeError} a p-value outside [0, 1]
 */
export function holm(pValues: readonly number[]): number[] {
  const bad = pValues.find((p) => !(p >= 0 && p <= 1));
  if (bad !== undefined) throw new RangeError(`holm: p-values must lie in [0, 1], got ${bad}`);
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]!));
    adjusted[index] = largest;
  });
  return adjusted;
}
