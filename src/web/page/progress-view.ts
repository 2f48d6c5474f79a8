// How far the open run is: its state in words, a bar, the process in work, and the buttons that make sense now.

/// <reference lib="dom" />

import { systemClock } from "#base/clock";
import { counted } from "#base/counted";
import type { Seconds } from "#base/units";
import type { Activity } from "#runner/activity";
import type { Atom } from "#runner/plan";
import { statusLine } from "#runner/status-line";
import { element } from "./elements.ts";
import type { Session, State } from "./session.ts";

/** Counted since the run was opened or went on. */
let done = 0;
let began: Seconds = 0;
let inWork: { readonly atom: Atom | undefined; readonly since: Seconds } | undefined;

export function countAnew(): void {
  done = 0;
  began = systemClock.now();
}

export function countAtom(): void {
  done++;
}

export function noteActivity({ atom }: Activity): void {
  if (inWork?.atom !== atom) inWork = { atom, since: systemClock.now() };
}

const STATES: Readonly<Record<State["kind"], string>> = {
  measuring: "Measuring. Leave this tab in view; other work on this machine makes times worse.",
  waiting: "Waits: this tab is out of view, where browsers slow pages down. It goes on when you come back.",
  paused: "Paused. What has finished is kept.",
  stopped: "Stopped. What has finished is kept.",
  finished: "Finished.",
};

export function showState(session: Session): void {
  const { state } = session;
  element("app-state").textContent = textOf(state);
  document.body.dataset["state"] = state.kind;
  const isEnding = state.kind === "measuring" && state.isEnding;
  const isOn = isBusy(state);
  element("app-pause").hidden = !isOn || isEnding;
  element("app-stop").hidden = !isOn;
  element("app-go").hidden = isOn || state.kind === "finished";
  element("app-close").hidden = isOn;
  showProgress(session);
}

function textOf(state: State): string {
  if (state.kind === "stopped") return `Stopped: ${state.reason}. What has finished is kept.`;
  if (state.kind === "measuring" && state.isEnding) return "Pauses when the process in work has ended.";
  return STATES[state.kind];
}

/** It measures, or will go on by itself. */
export function isBusy({ kind }: State): boolean {
  return kind === "measuring" || kind === "waiting";
}

export function showProgress({ plan, activity, state }: Session): void {
  const total = plan.atoms.length;
  const before = total - plan.remaining.length;
  const bar = element<HTMLProgressElement>("app-progress");
  bar.max = Math.max(1, total);
  bar.value = before + (state.kind === "finished" ? plan.remaining.length : done);
  element("app-status").textContent =
    state.kind === "measuring" && activity !== undefined
      ? statusLine(
          activity,
          { done: before + done, total, elapsed: systemClock.now() - began },
          leftOf({ plan, activity }),
        )
      : `${bar.value} of ${counted(total, "process", "processes")} finished`;
}

function leftOf({ plan, activity }: { readonly plan: Session["plan"]; readonly activity: Activity }) {
  const { atom, secondsLeft } = activity;
  const since = systemClock.now() - (inWork?.since ?? began);
  return plan.estimate.remaining(atom === undefined ? undefined : { atom, since, left: secondsLeft });
}
