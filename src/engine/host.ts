// What the machine calls itself.

import { cpus } from "node:os";

/** Model name of the first processor. */
export function cpuName(): string {
  return cpus()[0]?.model.trim() ?? "unknown processor";
}
