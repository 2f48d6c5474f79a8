// What tests in a headless Chromium share: where it is, a server to load from, and workers to ask.

import { existsSync, mkdtempSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { unpackZip } from "#data/fetch/unpack-zip";
import type { Request } from "#runner/protocol";
import { loadRun, type LoadedRun } from "#store/load";
import type { WorkerReply } from "#web/worker";

/** Undefined where there is none. */
export const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));

/** A document that does nothing, to be served beside the page: workers are started from it. */
export const EMPTY = {
  name: "empty.html",
  content: new TextEncoder().encode("<!doctype html><title>worker</title>"),
};

/** Starts a server. @returns its address, ending with a slash */
export async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** All replies of a fresh worker to one request. @param page shows `EMPTY` */
export function askWorker(page: Page, request: Request): Promise<WorkerReply[]> {
  return page.evaluate(`new Promise((resolve) => {
    const replies = [];
    const worker = new Worker("./worker.js", { type: "module" });
    const end = () => { worker.terminate(); resolve(replies); };
    worker.onmessage = ({ data }) => { replies.push(data); if (data.type === "done" || data.type === "ended") end(); };
    worker.onerror = (event) => { replies.push({ type: "ended", reason: event.message }); end(); };
    worker.postMessage({ base: new URL("./", location.href).href, request: ${JSON.stringify(request)} });
  })`);
}

/** The run that is open in a page, as its zip gives it to Node. @param folder takes the zip and what is in it */
export async function downloadedRun(page: Page, folder: string): Promise<LoadedRun> {
  const target = mkdtempSync(join(folder, "run-"));
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("#app-run [data-do=zip]")]);
  await file.saveAs(`${target}.zip`);
  const select = (entry: string) => entry.split("/").at(-1);
  await unpackZip(`${target}.zip`, target, { mostBytes: 1e9, mostEntries: 10, select });
  return loadRun(target);
}
