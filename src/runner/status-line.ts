// What a run does right now and how long it goes on, in one line.

import { formatSeconds, type Seconds } from "#base/units";
import type { Activity } from "./activity.ts";
import { describeAtom } from "./atom-lines.ts";
import type { Remaining } from "./estimate.ts";

interface Progress {
  readonly done: number;
  readonly total: number;
  readonly elapsed: Seconds;
}

/** `[3/48] measuring vector-2scan, round 12, ±3.1 % · scan-count operator forward 64x64, process 1 · 12 s so far, about 2 min left`. */
export function statusLine(activity: Activity, { done, total, elapsed }: Progress, remaining: Remaining): string {
  const { phase, contender, atom, loss, halfWidth } = activity;
  const what = [phase, ...(contender === undefined ? [] : [contender])].join(" ");
  const parts = [
    [
      what,
      ...stepsOf(activity),
      ...(loss === undefined ? [] : [`loss ${loss.toFixed(3)}`]),
      ...(halfWidth === undefined ? [] : [`±${Number((100 * halfWidth).toPrecision(2))} %`]),
    ].join(", "),
    ...(atom === undefined ? [] : [describeAtom(atom)]),
    `${formatSeconds(elapsed, 2)} so far, ${remainingText(remaining)}`,
  ];
  return `[${done}/${total}] ${parts.join(" · ")}`;
}

function stepsOf({ phase, done, total }: Activity): string[] {
  if (done === undefined) return [];
  const unit = { "checking correctness": "form", measuring: "round", training: "step" }[phase];
  return [total === undefined ? `${unit} ${done}` : `${unit} ${done} of ${total}`];
}

/** One remaining time, and whether it is all. */
export function remainingText({ seconds, unknown }: Remaining): string {
  if (unknown > 0) return seconds < 1 ? "time left not known yet" : `more than ${formatSeconds(seconds, 2)} left`;
  return seconds < 1 ? "nearly done" : `about ${formatSeconds(seconds, 2)} left`;
}
