// Memory and processor time of a program and of all that it started, from outside (Linux: /proc).

import { readFileSync, readdirSync } from "node:fs";
import type { Bytes, Seconds } from "#base/units";

export interface TreeUsage {
  /** largest resident size of each process so far, added */
  readonly peakBytes: Bytes;
  readonly cpuSeconds: Seconds;
}

/** Ticks per second of /proc: fixed by the kernel's interface. */
const TICKS = 100;

/** undefined where the system does not tell. @param group the process group, which is the pid of its first process */
export function treeUsage(group: number | undefined): TreeUsage | undefined {
  if (group === undefined || process.platform !== "linux") return undefined;
  let peakBytes = 0;
  let ticks = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const fields = statOf(pid);
    if (fields === undefined || Number(fields[2]) !== group) continue;
    ticks += Number(fields[11]) + Number(fields[12]);
    peakBytes += peakOf(pid);
  }
  return { peakBytes, cpuSeconds: ticks / TICKS };
}

/** Fields of /proc/pid/stat after the command's name, which may hold anything: state, parent, group, … */
function statOf(pid: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined; // it has just ended
  }
}

function peakOf(pid: string): Bytes {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return 1024 * Number(kibibytes ?? 0);
  } catch {
    return 0;
  }
}
