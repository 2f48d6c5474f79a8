// Takes the place of data/sets/filed.ts in what a page loads: a page has the data sets that the program makes itself, and no files.

import type { Dataset } from "#data/sets/dataset";

export const filedDatasets: readonly Dataset[] = [];
