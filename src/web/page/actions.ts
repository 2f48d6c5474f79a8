// What buttons do; those of the list name a run, the others mean the one that is open.

/// <reference lib="dom" />

import { describeError } from "#base/errors";
import { host } from "#host/current";
import { loadRun } from "#store/load";
import { ask, offer, trouble } from "./elements.ts";
import { closeRun, listRuns, openRun, takeUpRun } from "./open-run.ts";
import { reportDataOf, reportHtml } from "./report-view.ts";
import { folderOf } from "./runs.ts";
import { zipOf } from "./zip.ts";

const ACTIONS: Readonly<Record<string, (folder: string) => void>> = {
  pause: () => openRun()?.pause(),
  stop: () => openRun()?.stop(),
  go: () => void openRun()?.go(),
  close: closeRun,
  open: takeUpRun,
  zip: (folder) => offer(zipOf(folder), `${host.files.basename(folder)}.zip`, "application/zip"),
  html: (folder) => {
    const { manifest, records } = loadRun(folder);
    const text = reportHtml(reportDataOf({ folder, manifest, records }));
    offer(text, `${host.files.basename(folder)}-report.html`, "text/html");
  },
  delete: (folder) => {
    if (!ask(`Delete ${host.files.basename(folder)} with all that it measured?`)) return;
    if (openRun()?.folder === folder) closeRun();
    host.files.remove(folder);
    listRuns();
  },
};

export function onClick({ target }: Event): void {
  const button = (target as Element).closest<HTMLElement>("button[data-do]");
  if (button === null) return;
  const { do: what = "", run } = button.dataset;
  trouble("");
  try {
    ACTIONS[what]?.(run === undefined ? (openRun()?.folder ?? "") : folderOf(run));
  } catch (error) {
    trouble(describeError(error));
  }
}
