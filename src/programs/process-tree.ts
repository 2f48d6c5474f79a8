// Memory and processor time of a program and of all that it started, from outside (Linux: /proc).

import { readFileSync, readdirSync } from "node:fs";
import type { Bytes, Seconds } from "#base/units";

export interface TreeUsage {
  /** resident now */
  readonly residentBytes: Bytes;
  /** largest resident size of each process so far, added */
  readonly peakBytes: Bytes;
  readonly cpuSeconds: Seconds;
}

/** Ticks per second of /proc: fixed by the kernel's interface. */
const TICKS = 100;

/** undefined where the system does not tell. @param group the process group, which is the pid of its first process */
export function treeUsage(group: number | undefined): TreeUsage | undefined {
  if (group === undefined || process.platform !== "linux") return undefined;
  let [residentBytes, peakBytes] = [0, 0];
  let ticks = 0;
  for (const pid of processes()) {
    const fields = statOf(pid);
    if (fields === undefined || Number(fields[2]) !== group) continue;
    ticks += Number(fields[11]) + Number(fields[12]);
    const memory = memoryOf(pid);
    residentBytes += memory.resident;
    peakBytes += memory.peak;
  }
  return { residentBytes, peakBytes, cpuSeconds: ticks / TICKS };
}

/** Fields of /proc/pid/stat after the command's name, which may hold anything: state, parent, group, … */
function statOf(pid: string): string[] | undefined {
  const text = textOf(pid, "stat");
  return text === "" ? undefined : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function memoryOf(pid: string): { readonly resident: Bytes; readonly peak: Bytes } {
  const status = textOf(pid, "status");
  const bytesOf = (field: string) => 1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0);
  return { resident: bytesOf("VmRSS"), peak: bytesOf("VmHWM") };
}

/** Processes alive whose environment holds `entry`: what a program started is known by it even where it left the group. */
export function processesWith(entry: string): number[] {
  if (process.platform !== "linux") return [];
  return processes()
    .filter((pid) => textOf(pid, "environ").split("\0").includes(entry))
    .map(Number);
}

function processes(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}

/** Empty where it has just ended, or is another user's. */
function textOf(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
