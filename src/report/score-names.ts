// Names of scores as people read them.

import { scores } from "#catalogue/scores";
import { scorePart } from "#evidence/score-parts";

export interface ScoreName {
  readonly title: string;
  /** in [0, 1], printed in per cent */
  readonly isFraction: boolean;
  /** absent where neither way is */
  readonly better?: "higher" | "lower";
}

/** The name of a score, or of a part of it ("accuracy.items8", "loss.tokens16-63"); a score nobody named keeps its key. */
export function scoreNameOf(key: string): ScoreName {
  const { whole, positions, isHead, samples, rest } = scorePart(key);
  if (!scores.has(whole)) return { title: key, isFraction: false };
  const { title: own, unit, better } = scores.get(whole);
  const title = unit === "" ? own : `${own} (${unit})`;
  const name = { title, isFraction: unit === "%", ...(better === undefined ? {} : { better }) };
  if (samples !== undefined) return { ...name, title: title.replace("(Inception)", `(Inception, ${samples} samples)`) };
  if (positions !== undefined) return { ...name, title: `${title}, positions ${positions.from} to ${positions.to}` };
  return rest.length === 0 && !isHead ? name : { ...name, title: `${title}, ${rest.join(" ")}` };
}

/** Whether a score is part of another and belongs in no table of its own column: a group of positions, a head. */
export function isDetail(key: string): boolean {
  const { positions, isHead } = scorePart(key);
  return positions !== undefined || isHead;
}
