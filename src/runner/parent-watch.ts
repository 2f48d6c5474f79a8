// Ends a child whose parent is gone. A kernel call may hold the child's event loop for minutes, so the watcher is a thread of its own.

import { once } from "node:events";
import { Worker } from "node:worker_threads";

const POLL_MS = 500;

/** What the thread does; plain JavaScript, for it is handed over as text. After its parent's death a process has another one. */
const WATCH = `
const { workerData } = require("node:worker_threads");
const isAlive = (pid) => { try { process.kill(pid, 0); return true; } catch (error) { return error.code === "EPERM"; } };
setInterval(() => {
  if (process.ppid !== workerData.parent || !isAlive(workerData.parent)) process.kill(process.pid, "SIGKILL");
}, workerData.pollMs);
`;

/** Small: the memory of this process is measured. */
const LIMITS = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 1, stackSizeMb: 1 };

/** Resolves when the watcher runs. @param parent process id */
export async function endWithParent(parent: number): Promise<void> {
  const workerData = { parent, pollMs: POLL_MS };
  // Options of this process, such as --input-type or --import, are not meant for the thread.
  const worker = new Worker(WATCH, { eval: true, execArgv: [], env: {}, workerData, resourceLimits: LIMITS });
  await once(worker, "online");
  worker.unref();
}
