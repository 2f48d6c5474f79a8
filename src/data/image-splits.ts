// What every task on images takes from its recipe: which part of the data is trained on, and which is scored.

import type { Recipe } from "#case/case";
import { firstExamples, heldOut, type ImageData, type ImageSplit } from "./sets/dataset.ts";

/** The examples to train on and those to score; with `scoredOn: "validation"` the test split is not touched. */
export function splitsOf(
  data: ImageData,
  { trainExamples, scoredOn }: Recipe,
): { readonly train: ImageSplit; readonly scored: ImageSplit } {
  const train = firstExamples(data.train, trainExamples);
  if (scoredOn !== "validation") return { train, scored: data.test };
  const { train: kept, validation } = heldOut(train);
  return { train: kept, scored: validation };
}

/** Names the part of the train split that a recipe takes, unless it takes all, and what is scored, unless it is the test split. */
export function labelOf(data: ImageData, train: ImageSplit, { scoredOn }: Recipe): string {
  const part = train.count === data.train.count ? data.label : `${data.label}, first ${train.count} to train`;
  return scoredOn === "validation" ? `${part}, scored on held-out training images` : part;
}
