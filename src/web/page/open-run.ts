// The run that is open: begun or taken up, shown, and closed. There is one at most.

/// <reference lib="dom" />

import { host } from "#host/current";
import { noteNoWork, noteWork } from "./crashes.ts";
import { element } from "./elements.ts";
import { keepAwake } from "./awake.ts";
import { countAnew, countAtom, isBusy, noteActivity, showProgress, showState } from "./progress-view.ts";
import { hideResults, showAtom, showFound, showWhole } from "./results-view.ts";
import { showRuns } from "./run-list.ts";
import { folderOf, freeFolder, keptRuns } from "./runs.ts";
import { Session, type SessionEvents } from "./session.ts";
import { readChoices } from "./setup.ts";
import { forget, wish, wishOf } from "./wish.ts";

let session: Session | undefined;

export function openRun(): Session | undefined {
  return session;
}

const events: SessionEvents = {
  onState: (state) => {
    if (session === undefined) return;
    if (state.kind === "measuring" && !state.isEnding) countAnew();
    showState(session);
    listRuns();
    wish({ run: host.files.basename(session.folder), goesOn: isBusy(state) });
    if (state.kind !== "measuring") noteNoWork();
    keepAwake(state.kind === "measuring");
    if (state.kind === "waiting" && document.visibilityState === "visible") void session.show();
    if (state.kind === "finished") showWhole(session);
  },
  onActivity: (activity) => {
    noteActivity(activity);
    if (session !== undefined) noteWork(host.files.basename(session.folder), activity);
  },
  onAtom: (atom, records, seconds) => {
    countAtom();
    if (session !== undefined) showAtom(session, { atom, records, seconds });
  },
};

/** A new run of what the form says. @throws as `planOf` */
export function beginRun(): void {
  const choices = readChoices();
  show(Session.begin(freeFolder(choices.scale), choices, events));
  void session?.go();
}

/** A run that is kept here. @throws as `Session.open` */
export function takeUpRun(folder: string): void {
  show(Session.open(folder, events));
}

/** The run that was open before a reload, which goes on if it was at work. */
export function takeUpWish(): void {
  const wished = wishOf();
  if (wished === undefined || !keptRuns().includes(wished.run)) return;
  takeUpRun(folderOf(wished.run));
  if (wished.goesOn) void session?.go();
}

function show(next: Session): void {
  session = next;
  countAnew();
  hideResults();
  element("app-run-title").textContent = host.files.basename(next.folder);
  showForm(false);
  if (next.state.kind === "finished") showWhole(next);
  else showFound(next);
  showState(next);
  listRuns();
}

export function closeRun(): void {
  session = undefined;
  forget();
  hideResults();
  showForm(true);
  listRuns();
}

function showForm(isShown: boolean): void {
  element("app-run").hidden = isShown;
  element("app-setup").hidden = !isShown;
}

export function listRuns(): void {
  showRuns(keptRuns(), { isHidden: session !== undefined && isBusy(session.state) });
}

/** Time goes on where nothing else happens. */
export function keepProgressShown(): void {
  setInterval(() => {
    if (session !== undefined) showProgress(session);
  }, 500);
}

/** A run waits while the page is out of view. */
export function followVisibility(): void {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") session?.hide();
    else void session?.show();
  });
}
