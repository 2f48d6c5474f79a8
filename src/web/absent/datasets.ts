// Takes the place of data/sets/registry.ts in what a page loads: data sets are files, and a page has none.

import { Registry } from "#base/registry";
import type { Dataset } from "#data/sets/dataset";

export type { FoundDataset } from "#data/sets/registry";

export const datasets = new Registry<Dataset>("data set", []);
