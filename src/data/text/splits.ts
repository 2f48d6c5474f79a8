// What every task on texts takes from its recipe: the text to train on, and the text that is scored.

import type { Recipe } from "#case/case";
import { keptOf, type TextData } from "../sets/dataset.ts";

export interface TextSplits {
  readonly train: string;
  readonly scored: string;
  /** the scored text is the end of the train text: the data have no validation text of their own */
  readonly isHeldOut: boolean;
}

/** With `scoredOn: "validation"` the test text is not touched. */
export function textSplits({ train, validation, test }: TextData, { scoredOn }: Recipe): TextSplits {
  if (scoredOn !== "validation") return { train, scored: test, isHeldOut: false };
  if (validation !== "") return { train, scored: validation, isHeldOut: false };
  const kept = keptOf(train.length);
  return { train: train.slice(0, kept), scored: train.slice(kept), isHeldOut: true };
}
