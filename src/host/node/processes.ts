// Processes of this machine: whether one still runs, and what a program prints.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { setImmediate as turnOfEvents } from "node:timers/promises";
import type { Processes, ProcessName } from "../host.ts";

export const processes: Processes = {
  get own() {
    return { pid: process.pid, start: startOf(process.pid), host: hostname() };
  },

  isAlive({ pid, start }: ProcessName): boolean {
    if (!Number.isInteger(pid) || pid < 1 || !answers(pid)) return false; // kill(0) and kill(-1) would ask whole groups
    const found = startOf(pid);
    return found !== "ended" && (start === undefined || found === undefined || found === start);
  },

  outputOf(program, args, limit) {
    const { status, stdout } = spawnSync(program, [...args], { encoding: "utf8", timeout: 1000 * limit });
    return status === 0 ? stdout : undefined;
  },

  turn: () => turnOfEvents(),
  onAskedToEnd: (listener) => void process.once("SIGTERM", listener),
};

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it runs, and belongs to another user
  }
}

/** Boot and start time: a number is given again, also after a restart of the machine, the two together are not. */
function startOf(pid: number): string | undefined {
  if (process.platform !== "linux") return processes.outputOf("ps", ["-o", "lstart=", "-p", String(pid)], 5)?.trim();
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name in parentheses may hold anything
    if (fields[0] === "Z" || fields[0] === "X") return "ended"; // nobody has fetched its exit status yet
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${fields[19]}`; // proc(5): starttime
  } catch {
    return undefined; // another user's, where /proc hides those
  }
}
