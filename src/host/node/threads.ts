// Threads of Node.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { Thread } from "../host.ts";
import { packageRoot } from "../package.ts";

/** What a thread does first; plain JavaScript, for it is handed over as text. */
const BEGIN = `
const { parentPort, workerData } = require("node:worker_threads");
import(workerData.module).then(({ prepare }) => {
  const work = prepare(workerData.data);
  parentPort.postMessage("ready");
  work();
});
`;

/** Room for code and small objects: the memory of this process is measured. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 4, stackSizeMb: 1 };

/** As Host.startThread. */
export async function startThread(module: string, data: unknown): Promise<Thread> {
  const workerData = { module: pathToFileURL(join(packageRoot(), module)).href, data };
  // Options of this process, such as --input-type or --import, are not meant for the thread.
  const worker = new Worker(BEGIN, { eval: true, execArgv: [], env: {}, workerData, resourceLimits: LIMITS });
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`a thread ended at its start, with code ${code}`)));
  });
  worker.unref();
  return { stop: async () => void (await worker.terminate()) };
}
