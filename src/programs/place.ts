// Where a program runs: on as many cores as it may have threads, and no longer than the process that started it.

import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Two small tools of util-linux; without them (not on Linux) a program runs unpinned, which its record says. */
export const PINS = "taskset";
const ENDS_WITH_PARENT = "setpriv";
const isLinux = process.platform === "linux";

export interface Place {
  /** what the program's command is put behind */
  readonly prefix: readonly string[];
  /** numbers of the cores it is held to; absent: any */
  readonly cores?: readonly number[];
}

/** The last `threads` of the cores that this process may use: interrupts like the first ones. */
export function placeFor(threads: number): Place {
  const cores = allowedCores().slice(-threads);
  const prefix = isLinux && isThere(ENDS_WITH_PARENT) ? [ENDS_WITH_PARENT, "--pdeathsig", "KILL"] : [];
  if (cores.length < threads || !isThere(PINS)) return { prefix };
  return { prefix: [...prefix, PINS, "--cpu-list", cores.join(",")], cores };
}

/** `Cpus_allowed_list: 0-3,8` → [0, 1, 2, 3, 8]; empty where the system does not tell. */
export function allowedCores(): number[] {
  if (!isLinux) return [];
  const list = /^Cpus_allowed_list:\s+(.+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "";
  return list.split(",").flatMap((part) => {
    const [from, to = from] = part.split("-").map(Number);
    return Array.from({ length: to! - from! + 1 }, (_, i) => from! + i);
  });
}

/** Whether a command can be executed: a path, or a name to be found along PATH. */
export function isThere(command: string): boolean {
  const places = command.includes("/") ? [""] : (process.env["PATH"] ?? "").split(delimiter);
  return places.some((folder) => {
    try {
      accessSync(folder === "" ? command : join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
