// The page's start: reads what was kept, fetches what lies beside it, and connects form, buttons and the open run.

/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

import { describeError } from "#base/errors";
import { useMachineId } from "#host/page/facts";
import { useAssets } from "#host/page/host";
import { assetsAt, LIBRARY_FILES } from "../assets.ts";
import { useWorkersAt } from "../counterparts/child-process.ts";
import { useCodeHashes } from "../counterparts/code-hash.ts";
import { onClick } from "./actions.ts";
import { noteEnd, noteNoWork } from "./crashes.ts";
import { element, trouble } from "./elements.ts";
import { beginRun, followVisibility, keepProgressShown, listRuns, takeUpWish } from "./open-run.ts";
import { followPower } from "./power.ts";
import { folderOf } from "./runs.ts";
import { describeDevice, showPlan } from "./setup.ts";
import { keptMachineId, onlyTab } from "./start-up.ts";
import { openStorage } from "./storage.ts";

async function startPage(): Promise<void> {
  const base = new URL("./", location.href).href;
  await onlyTab();
  await openStorage();
  const assets = await assetsAt(base, LIBRARY_FILES);
  useAssets(assets);
  useMachineId(keptMachineId());
  useCodeHashes(assets.about.codeHashes);
  useWorkersAt(base);
  connectForm();
  document.addEventListener("click", onClick);
  followVisibility();
  addEventListener("pagehide", noteNoWork);
  keepProgressShown();
  noteEnd(folderOf);
  listRuns();
  await followPower();
  takeUpWish();
  showPlan();
  document.body.dataset["ready"] = "";
  await describeDevice();
}

function connectForm(): void {
  const form = element<HTMLFormElement>("app-setup");
  form.addEventListener("input", ({ target }) => {
    if ((target as HTMLInputElement).name === "engine") void describeDevice();
    showPlan();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    beginRun();
  });
}

startPage().catch((error: unknown) => trouble(describeError(error)));
