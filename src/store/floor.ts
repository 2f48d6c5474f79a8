// Results that did not beat the predictor that sees no input.

import type { TrainingCase } from "#case/case";
import type { OkRecord, RunRecord, TrainingResult } from "./record.ts";

type Floor = NonNullable<TrainingResult["floor"]>;
type Unlearned = TrainingResult & { readonly floor: Floor };

/** Trained to the end, and no better than the floor its suite asks for. A training cut short by a budget is not judged. */
export function hasLearnedNothing(training: TrainingResult, { recipe }: TrainingCase): training is Unlearned {
  return training.floor?.beaten === false && training.curve.some(({ step }) => step === recipe.steps);
}

/** The same of a record. */
export function missesFloor(record: RunRecord): record is OkRecord & { readonly training: Unlearned } {
  if (record.status !== "ok" || record.case.kind !== "training" || record.training === undefined) return false;
  return hasLearnedNothing(record.training, record.case);
}

/** `top1 0.14 does not beat 0.225, the trivial predictor with the margin of its task`. */
export function floorText({ score, reached, limit }: Floor): string {
  return `${score} ${reached.toPrecision(3)} does not beat ${limit.toPrecision(3)}, the trivial predictor with the margin of its task`;
}
