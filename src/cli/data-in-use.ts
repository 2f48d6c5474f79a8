// What a run trains on, said before it begins: generated data that stand in for real ones, and data that are missing.

import type { Case } from "#case/case";
import { datasets, type FoundDataset } from "#data/sets/registry";

/** Lines about the data of these cases, and about a folder with data that none of them reads. */
export function describeData(cases: readonly Case[], found: readonly FoundDataset[], dataDir?: string): string[] {
  const used = new Set(
    cases.flatMap((item) =>
      item.kind === "training"
        ? [item.dataset, ...(item.recipe.pretraining === undefined ? [] : [item.recipe.pretraining.dataset])]
        : [],
    ),
  );
  const known = found.filter(({ id }) => used.has(id));
  const absent = known.flatMap((dataset) =>
    dataset.available ? [] : [`${dataset.id} is not here, its cases will fail: ${dataset.reason}`],
  );
  const here = known
    .filter(({ available }) => available)
    .map(({ id }) => `${id}${datasets.get(id).synthetic ? " (generated)" : ""}`);
  const isRead = known.some(({ id, available }) => available && datasets.get(id).source !== undefined);
  const unused =
    dataDir === undefined || isRead
      ? []
      : [`--data-dir ${dataDir} is not used: no case reads a data set from it. --dataset <id> chooses one.`];
  return [...(here.length === 0 ? [] : [`data: ${here.join(", ")}`]), ...absent, ...unused];
}
