// What a run trains on, said before it begins: generated data that stand in for real ones, and data that are missing.

import type { Case } from "#case/case";
import { datasets, type FoundDataset } from "#data/sets/registry";

/** Lines about the data of these cases; none where nothing is trained. */
export function describeData(cases: readonly Case[], found: readonly FoundDataset[]): string[] {
  const used = new Set(
    cases.flatMap((item) =>
      item.kind === "training"
        ? [item.dataset, ...(item.recipe.pretraining === undefined ? [] : [item.recipe.pretraining.dataset])]
        : [],
    ),
  );
  if (used.size === 0) return [];
  const known = found.filter(({ id }) => used.has(id));
  const absent = known.flatMap((dataset) =>
    dataset.available ? [] : [`${dataset.id} is not here, its cases will fail: ${dataset.reason}`],
  );
  const here = known
    .filter(({ available }) => available)
    .map(({ id }) => `${id}${datasets.get(id).synthetic ? " (generated)" : ""}`);
  return [...(here.length === 0 ? [] : [`data: ${here.join(", ")}`]), ...absent];
}
