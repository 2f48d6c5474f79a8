// A data set by name in the place of those that suites declare: the user's own text or images, or a set that no suite uses.

import { EnvironmentError, UsageError } from "#base/errors";
import { without } from "#base/without";
import { caseId, type Case } from "#case/case";
import { tasks } from "#catalogue/tasks";
import { datasets, type FoundDataset } from "#data/sets/registry";

/** @throws {EnvironmentError} a data set that is asked for by name is not here */
export function requireDataset(id: string, found: readonly FoundDataset[]): void {
  const dataset = found.find((candidate) => candidate.id === id);
  if (dataset?.available === false)
    throw new EnvironmentError(
      `Data set ${id} is not here: ${dataset.reason}. Name its folder with --data-dir; \`lightnet-bench data list ${id}\` shows its layout.`,
    );
}

/**
 * The trainings among `cases` whose task reads this kind of data, each on this data set, once. That it must be learned is
 * asked of declared data alone.
 *
 * @throws {UnknownNameError} no such data set @throws {UsageError} no task reads its kind
 */
export function onDataset(cases: readonly Case[], id: string, found: readonly FoundDataset[]): Case[] {
  const { kind } = datasets.get(id);
  requireDataset(id, found);
  const trained = cases.flatMap((item) => {
    if (item.kind !== "training" || tasks.get(item.task).datasetKind !== kind) return [];
    return [{ ...(item.dataset === id ? item : without(item, "mustLearn")), dataset: id }];
  });
  if (trained.length === 0)
    throw new UsageError(`--dataset ${id} holds ${kind}, and nothing of these suites is trained on ${kind}.`);
  return [...new Map(trained.map((item) => [caseId(item), item])).values()];
}
