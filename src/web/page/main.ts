// The page: reads what was kept, shows what may be chosen, and hands a run to its session.

/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

import { systemClock } from "#base/clock";
import { counted } from "#base/counted";
import { describeError } from "#base/errors";
import type { Seconds } from "#base/units";
import { withoutSoftwareTimes } from "#evidence/software";
import { host } from "#host/current";
import { useMachineId } from "#host/page/facts";
import { useAssets } from "#host/page/host";
import { atomLine, reasonLines } from "#runner/atom-lines";
import type { Atom } from "#runner/plan";
import { statusLine } from "#runner/status-line";
import { newRunName, RUNS_FOLDER, runNames } from "#store/layout";
import { loadRun } from "#store/load";
import { assetsAt, LIBRARY_FILES } from "../assets.ts";
import { useWorkersAt } from "../counterparts/child-process.ts";
import { useCodeHashes } from "../counterparts/code-hash.ts";
import { noteEnd, noteNoWork, noteWork } from "./crashes.ts";
import { ask, element, offer, trouble } from "./elements.ts";
import {
  answerDataOf,
  hasAnswer,
  hideReport,
  reportDataOf,
  reportHtml,
  showAnswer,
  showReport,
} from "./report-view.ts";
import { forget, wishOf, wish } from "./wish.ts";
import { showRuns } from "./run-list.ts";
import { Session, type SessionEvents, type State } from "./session.ts";
import { describeDevice, readChoices, showPlan } from "./setup.ts";
import { keptMachineId, onlyTab } from "./start-up.ts";
import { openStorage } from "./storage.ts";
import { zipOf } from "./zip.ts";

const RUNS = host.files.resolve("/", RUNS_FOLDER);

let session: Session | undefined;
let began: Seconds = 0;
let since: Seconds = 0;
let done = 0;
let inWork: Atom | undefined;
/** The answer is worked out between processes, and takes no more than this share of the time. */
const ANSWER_SHARE = 0.05;
let answerDue: Seconds = 0;

const events: SessionEvents = {
  onState: (state) => {
    if (state.kind === "measuring" && !state.isEnding) {
      began = systemClock.now();
      done = 0;
      answerDue = 0;
    }
    showState(state);
    keepWish(state);
    if (state.kind !== "measuring") noteNoWork();
    keepAwake(state);
    if (state.kind === "waiting" && document.visibilityState === "visible") void session?.show();
    if (state.kind === "finished") showWhole();
  },
  onActivity: (activity) => {
    if (activity.atom !== inWork) since = systemClock.now();
    inWork = activity.atom;
    if (session !== undefined) noteWork(host.files.basename(session.folder), activity);
  },
  onAtom: (atom, records, seconds) => {
    done++;
    const item = document.createElement("li");
    const environments = new Map(Object.entries(session?.manifest.environments ?? {}));
    const shown = withoutSoftwareTimes(records, environments);
    item.textContent = [atomLine(atom, shown, seconds), ...reasonLines(records)].join("\n");
    element("app-log").prepend(item);
    const start = systemClock.now();
    if (start < answerDue) return;
    showFound();
    answerDue = systemClock.now() + (systemClock.now() - start) / ANSWER_SHARE;
  },
};

function showFound(): void {
  if (session === undefined || session.records.length === 0) return;
  const data = answerDataOf(session);
  if (hasAnswer(data)) showAnswer(element("app-answer"), data);
}

function showWhole(): void {
  if (session === undefined || session.records.length === 0) return;
  hideReport(element("app-answer"));
  showReport(element("app-report"), reportDataOf(session));
}

const STATES: Readonly<Record<State["kind"], string>> = {
  measuring: "Measuring. Leave this tab in view; other work on this machine makes times worse.",
  waiting: "Waits: this tab is out of view, where browsers slow pages down. It goes on when you come back.",
  paused: "Paused. What has finished is kept.",
  stopped: "Stopped. What has finished is kept.",
  finished: "Finished.",
};

function showState(state: State): void {
  const { kind } = state;
  const text =
    kind === "stopped"
      ? `Stopped: ${state.reason}. What has finished is kept.`
      : kind === "measuring" && state.isEnding
        ? "Pauses when the process in work has ended."
        : STATES[kind];
  element("app-state").textContent = text;
  document.body.dataset["state"] = kind;
  const isOn = kind === "measuring" || kind === "waiting";
  element("app-pause").hidden = !isOn || (kind === "measuring" && state.isEnding);
  element("app-stop").hidden = !isOn;
  element("app-go").hidden = kind !== "paused" && kind !== "stopped";
  element("app-close").hidden = isOn;
  showProgress();
  listRuns();
}

function showProgress(): void {
  if (session === undefined) return;
  const { plan, activity, state } = session;
  const total = plan.atoms.length;
  const before = total - plan.remaining.length;
  const bar = element<HTMLProgressElement>("app-progress");
  bar.max = Math.max(1, total);
  bar.value = before + (state.kind === "finished" ? plan.remaining.length : done);
  const counts = `${bar.value} of ${counted(total, "process", "processes")} finished`;
  if (state.kind !== "measuring" || activity === undefined) {
    element("app-status").textContent = counts;
    return;
  }
  const now = systemClock.now();
  const { atom, secondsLeft } = activity;
  const running = atom === undefined ? undefined : { atom, since: now - since, left: secondsLeft };
  const progress = { done: before + done, total, elapsed: now - began };
  element("app-status").textContent = statusLine(activity, progress, plan.estimate.remaining(running));
}

function keepWish({ kind }: State): void {
  if (session === undefined) return;
  wish({ run: host.files.basename(session.folder), goesOn: kind === "measuring" || kind === "waiting" });
}

let wakeLock: WakeLockSentinel | undefined;

/** A screen that goes dark takes the page out of view. */
function keepAwake({ kind }: State): void {
  if (kind === "measuring" && wakeLock === undefined && "wakeLock" in navigator)
    navigator.wakeLock.request("screen").then(
      (lock) => {
        wakeLock = lock;
        lock.addEventListener("release", () => (wakeLock = undefined));
      },
      () => undefined, // low battery, or not allowed: the run waits when the screen goes dark
    );
  if (kind !== "measuring") void wakeLock?.release();
}

function openSession(next: Session): void {
  session = next;
  done = 0;
  hideReport(element("app-answer"), element("app-report"));
  element("app-log").replaceChildren();
  element("app-run-title").textContent = host.files.basename(next.folder);
  element("app-run").hidden = false;
  element("app-setup").hidden = true;
  if (next.state.kind === "finished") showWhole();
  else showFound();
  showState(next.state);
}

function closeSession(): void {
  session = undefined;
  forget();
  hideReport(element("app-answer"), element("app-report"));
  element("app-run").hidden = true;
  element("app-setup").hidden = false;
  listRuns();
}

function begin(): void {
  const choices = readChoices();
  const name = newRunName(systemClock, choices.scale);
  const taken = new Set(runNames(RUNS));
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  openSession(Session.begin(`${RUNS}/${free}`, choices, events));
  void session?.go();
}

function listRuns(): void {
  const isBusy = session?.state.kind === "measuring" || session?.state.kind === "waiting";
  showRuns(runNames(RUNS).reverse(), { isHidden: isBusy });
}

/** What buttons do; those of the list name a run, the others mean the one that is open. */
const ACTIONS: Readonly<Record<string, (folder: string) => void>> = {
  pause: () => session?.pause(),
  stop: () => session?.stop(),
  go: () => void session?.go(),
  close: closeSession,
  open: (folder) => openSession(Session.open(folder, events)),
  zip: (folder) => offer(zipOf(folder), `${host.files.basename(folder)}.zip`, "application/zip"),
  html: (folder) => {
    const { manifest, records } = loadRun(folder);
    const text = reportHtml(reportDataOf({ folder, manifest, records }));
    offer(text, `${host.files.basename(folder)}-report.html`, "text/html");
  },
  delete: (folder) => {
    if (!ask(`Delete ${host.files.basename(folder)} with all that it measured?`)) return;
    if (session?.folder === folder) closeSession();
    host.files.remove(folder);
    listRuns();
  },
};

function onClick({ target }: Event): void {
  const button = (target as Element).closest<HTMLElement>("button[data-do]");
  if (button === null) return;
  const { do: what = "", run } = button.dataset;
  trouble("");
  try {
    ACTIONS[what]?.(run === undefined ? (session?.folder ?? "") : `${RUNS}/${run}`);
  } catch (error) {
    trouble(describeError(error));
  }
}

async function startPage(): Promise<void> {
  const base = new URL("./", location.href).href;
  await onlyTab();
  await openStorage();
  const assets = await assetsAt(base, LIBRARY_FILES);
  useAssets(assets);
  useMachineId(keptMachineId());
  useCodeHashes(assets.about.codeHashes);
  useWorkersAt(base);
  const form = element<HTMLFormElement>("app-setup");
  form.addEventListener("input", ({ target }) => {
    if ((target as HTMLInputElement).name === "engine") void describeDevice();
    showPlan();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
  });
  document.addEventListener("click", onClick);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") session?.hide();
    else void session?.show();
  });
  addEventListener("pagehide", noteNoWork);
  setInterval(showProgress, 500);
  noteEnd((run) => `${RUNS}/${run}`);
  listRuns();
  const wished = wishOf();
  if (wished !== undefined && runNames(RUNS).includes(wished.run)) {
    openSession(Session.open(`${RUNS}/${wished.run}`, events));
    if (wished.goesOn) void session?.go();
  }
  showPlan();
  document.body.dataset["ready"] = "";
  await describeDevice();
}

startPage().catch((error: unknown) => trouble(describeError(error)));
