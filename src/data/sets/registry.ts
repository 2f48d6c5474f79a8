// The list of data sets. Naming and finding them loads no pixel and no tensor library.

import { UsageError } from "#base/errors";
import { Registry } from "#base/registry";
import { sequenceDatasets } from "./sequences/datasets.ts";
import { cifar10, cifar100 } from "./cifar.ts";
import { clutteredMnist } from "./cluttered-mnist.ts";
import type { DataSource } from "../source.ts";
import type { Dataset, DatasetKind, Found } from "./dataset.ts";
import { enwik8 } from "./enwik8.ts";
import { fashionMnist } from "./fashion-mnist.ts";
import { glueDatasets } from "./glue.ts";
import { imagenet1k } from "./imagenet-1k.ts";
import { imagenetLatents } from "./imagenet-latents.ts";
import { imagenette, imagenette64 } from "./imagenette.ts";
import { markovText } from "./markov-text.ts";
import { mnist } from "./mnist.ts";
import { movingDigits } from "./moving-digits.ts";
import { movingShapes } from "./moving-shapes.ts";
import { pathfinder } from "./pathfinder.ts";
import { plainText } from "./plain-text.ts";
import { syntheticSentences } from "./synthetic-sentences.ts";
import { syntheticShapes } from "./synthetic-shapes.ts";
import { tinyshakespeare } from "./tinyshakespeare.ts";
import { wikitext103, wikitext103Raw, wikitext2, wikitext2Raw } from "./wikitext.ts";

export const datasets = new Registry<Dataset>("data set", [
  syntheticShapes,
  mnist,
  fashionMnist,
  cifar10,
  cifar100,
  imagenette,
  imagenette64,
  imagenet1k,
  imagenetLatents,
  clutteredMnist,
  pathfinder,
  ...movingShapes,
  ...movingDigits,
  ...sequenceDatasets,
  syntheticSentences,
  ...glueDatasets,
  markovText,
  tinyshakespeare,
  wikitext2,
  wikitext2Raw,
  wikitext103,
  wikitext103Raw,
  enwik8,
  plainText,
]);

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
