// The list of data sets. Naming and finding them loads no pixel and no tensor library.

import { UsageError } from "#base/errors";
import { Registry } from "#base/registry";
import type { DataSource } from "../source.ts";
import type { Dataset, DatasetKind, Found } from "./dataset.ts";
import { filedDatasets } from "./filed.ts";
import { proceduralDatasets } from "./procedural.ts";

export const datasets = new Registry<Dataset>("data set", [...proceduralDatasets, ...filedDatasets]);

/** @throws {UnknownNameError} no such data set @throws {UsageError} it holds something else */
export function datasetOfKind<K extends DatasetKind>(id: string, kind: K): Extract<Dataset, { kind: K }> {
  const dataset = datasets.get(id);
  if (dataset.kind !== kind) throw new UsageError(`Data set ${id} holds ${dataset.kind}, and ${kind} are needed.`);
  return dataset as Extract<Dataset, { kind: K }>;
}

export type FoundDataset = Found & { readonly id: string };

/**
 * Every data set, with whether it is on this machine.
 *
 * @param dataDir folder with one folder per data set: `dataDir/mnist/…`, `dataDir/fashion-mnist/…`
 */
export function findDatasets(dataDir?: string): FoundDataset[] {
  return datasets.all().map((dataset) => ({ id: dataset.id, ...dataset.find(dataDir) }));
}

/** What data sets are read from; several may be read from one source. */
export const sources = new Registry<DataSource>("data set to fetch", [
  ...new Set(datasets.all().flatMap(({ source }) => source ?? [])),
]);
