// Windows of a text for next-token prediction: drawn at random places for training, in strides for scoring.

import { DataError } from "#base/errors";
import { Random } from "#base/random";
import { NOT_SCORED } from "#data/text/tokeniser";

export interface WindowBatch {
  readonly count: number;
  /** [count, context] */
  readonly inputs: Int32Array<ArrayBuffer>;
  /** [count, context]: the token after each input, −1 where it is not scored */
  readonly targets: Int32Array<ArrayBuffer>;
}

/** @throws {DataError} the text is shorter than one window and the token after it */
export function checkLongEnough(label: string, ids: Int32Array, context: number): void {
  if (ids.length > context) return;
  throw new DataError(
    label,
    `its text has ${ids.length} tokens; a window of ${context} and the token after it need ${context + 1}`,
    { expected: context + 1, found: ids.length },
  );
}

/**
 * Training windows `position` to `position + count`, each at a place drawn uniformly (as nanoGPT draws them): functions of
 * seed and position alone, so that every contender of a seed sees the same text in the same order.
 */
export function trainingWindows(
  ids: Int32Array,
  context: number,
  { seed, position, count }: { readonly seed: number; readonly position: number; readonly count: number },
): WindowBatch {
  const random = new Random(seed).fork("training windows");
  const inputs = new Int32Array(count * context);
  const targets = new Int32Array(count * context);
  for (let item = 0; item < count; item++) {
    const start = random.fork(`${position + item}`).integer(ids.length - context);
    inputs.set(ids.subarray(start, start + context), item * context);
    targets.set(ids.subarray(start + 1, start + context + 1), item * context);
  }
  return { count, inputs, targets };
}

export interface ScoringPlan {
  readonly context: number;
  /** tokens from one window to the next, 1 to context */
  readonly stride: number;
  /** number of windows */
  readonly windows: number;
}

/**
 * Windows over a text in strides, so that each token but the first is scored once: the first window scores all of its
 * positions, the others the last `stride`, which have at least context − stride tokens before them.
 *
 * @param limit most windows
 */
export function scoringPlan(
  length: number,
  {
    context,
    stride,
    limit = Infinity,
  }: { readonly context: number; readonly stride: number; readonly limit?: number | undefined },
): ScoringPlan {
  const windows = length - 1 <= context ? 1 : 1 + Math.ceil((length - 1 - context) / stride);
  return { context, stride, windows: Math.min(limit, windows) };
}

/** Number of tokens that a plan scores. */
export function scoredTokens(length: number, { context, stride, windows }: ScoringPlan): number {
  return Math.min(length - 1, context + (windows - 1) * stride);
}

/** Windows `first` to `first + count` of a plan. What lies behind the end of the text is token 0 and not scored. */
export function scoringWindows(
  ids: Int32Array,
  { context, stride }: ScoringPlan,
  { first, count }: { readonly first: number; readonly count: number },
): WindowBatch {
  const inputs = new Int32Array(count * context);
  const targets = new Int32Array(count * context).fill(NOT_SCORED);
  for (let item = 0; item < count; item++) {
    const start = (first + item) * stride;
    inputs.set(ids.subarray(start, start + context), item * context);
    const from = first + item === 0 ? 0 : context - stride;
    targets.set(ids.subarray(start + from + 1, start + context + 1), item * context + from);
  }
  return { count, inputs, targets };
}
