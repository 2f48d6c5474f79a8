// Results that did not beat the predictor that sees no input.

import type { OkRecord, RunRecord, TrainingResult } from "./record.ts";

type Floor = NonNullable<TrainingResult["floor"]>;
type Unlearned = OkRecord & { readonly training: TrainingResult & { readonly floor: Floor } };

/** Trained to the end, and no better than the floor its suite asks for. A run cut short by a budget is not judged. */
export function missesFloor(record: RunRecord): record is Unlearned {
  if (record.status !== "ok" || record.case.kind !== "training") return false;
  const { training } = record;
  if (training?.floor === undefined || training.floor.beaten) return false;
  return training.curve.some(({ step }) => record.case.kind === "training" && step === record.case.recipe.steps);
}

/** `top1 0.14 does not beat 0.225, the trivial predictor with the margin of its task`. */
export function floorText({ score, reached, limit }: Floor): string {
  return `${score} ${reached.toPrecision(3)} does not beat ${limit.toPrecision(3)}, the trivial predictor with the margin of its task`;
}
