// Takes the place of tasks/image-generation/sample-grid.ts in what a page loads: a run of a page is texts, and keeps no pictures.

import { EnvironmentError } from "#base/errors";
import type { drawSampleGrid as drawInNode } from "#tasks/image-generation/sample-grid";

export const drawSampleGrid: typeof drawInNode = () => {
  throw new EnvironmentError("a page keeps no pictures: draw samples in Node");
};
