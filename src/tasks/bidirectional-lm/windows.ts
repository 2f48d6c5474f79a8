// Windows of a text for masked language modelling: drawn at random places for training, side by side for scoring.

import { DataError } from "#base/errors";
import { Random } from "#base/random";
import type { MaskingRule } from "#case/case";
import { maskWindow, type MaskedWindow } from "./masking.ts";

/** Masks of the scored text come from this seed, whatever the seed of a run: all runs answer the same questions. */
const SCORED_SEED = 20240531;

export interface TextTokens {
  /** what the text is, for errors */
  readonly label: string;
  readonly ids: Int32Array;
  /** number of the tokeniser's tokens */
  readonly tokens: number;
}

/** @throws {DataError} the text is shorter than one window */
export function checkLongEnough({ label, ids }: TextTokens, length: number): void {
  if (ids.length >= length) return;
  throw new DataError(label, `its text has ${ids.length} tokens, fewer than one window of ${length}`, {
    expected: length,
    found: ids.length,
  });
}

/** The training window at a position of the data order, masked: a function of seed and position alone. */
export function trainingWindow(
  { ids, tokens }: TextTokens,
  rule: MaskingRule,
  { seed, position, length }: { readonly seed: number; readonly position: number; readonly length: number },
): MaskedWindow {
  const random = new Random(seed).fork(`masked window ${position}`);
  const start = random.integer(ids.length - length + 1);
  return maskWindow(ids.subarray(start, start + length), rule, { tokens, random });
}

/**
 * The scored windows: side by side from the first token, a rest shorter than a window left out. Every hidden token is
 * replaced by [MASK], whatever training does, so that the score is nats per token that was not seen.
 *
 * @param limit most windows
 */
export function scoredWindows(
  { ids, tokens }: TextTokens,
  share: number,
  { length, limit = Infinity }: { readonly length: number; readonly limit?: number | undefined },
): MaskedWindow[] {
  const random = new Random(SCORED_SEED);
  return Array.from({ length: Math.min(limit, Math.floor(ids.length / length)) }, (_, i) =>
    maskWindow(
      ids.subarray(i * length, (i + 1) * length),
      { share, replacement: "mask" },
      { tokens, random: random.fork(`window ${i}`) },
    ),
  );
}
