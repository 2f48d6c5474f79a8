// The end of the time that a run may take.

import type { Seconds } from "./units.ts";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Aborts after `budget`, or with `other`; never without both.
 *
 * Not `AbortSignal.any`: it refers weakly to its sources, so a signal of `AbortSignal.timeout` that nothing else holds is
 * collected, and the budget never ends (Node 20.20).
 */
export function deadlineIn(budget: Seconds | undefined, other?: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  if (budget !== undefined)
    AbortSignal.timeout(Math.min(1000 * budget, LONGEST_TIMER_MS)).addEventListener("abort", end, { once: true });
  if (other?.aborted === true) end();
  else other?.addEventListener("abort", end, { once: true });
  return controller.signal;
}
