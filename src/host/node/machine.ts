// The machine: what it is, how busy it is, and the memory of this process.

import { readFileSync, writeFileSync } from "node:fs";
import { cpus, hostname, loadavg, platform, release, totalmem } from "node:os";
import { shortHash } from "#base/json";
import type { Machine } from "../host.ts";

export const machine: Machine = {
  get facts() {
    return {
      host: shortHash(hostname()), // tells machines apart without naming them
      platform: `${platform()} ${release()} ${process.arch}`,
      cpu: machine.processor,
      cores: machine.cores,
      memoryBytes: machine.memoryBytes,
      node: process.version,
      nodeFlags: [...process.execArgv],
    };
  },

  get processor() {
    return cpus()[0]?.model.trim() ?? "unknown processor";
  },
  get cores() {
    return cpus().length;
  },
  get memoryBytes() {
    return totalmem();
  },
  loadAverage: loadavg,
  clockResolution: () => 1e-9,

  residentBytes(which) {
    if (process.platform !== "linux") return undefined;
    const field = which === "now" ? "VmRSS" : "VmHWM";
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  },

  resetPeak() {
    if (process.platform !== "linux") return;
    try {
      writeFileSync("/proc/self/clear_refs", "5"); // proc(5)
    } catch {
      // not permitted in some containers: the peak then includes the start of the process, which is small
    }
  },

  addressSpaceLimit() {
    if (process.platform !== "linux") return undefined;
    const bytes = /^Max address space\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return bytes === undefined ? undefined : Number(bytes);
  },
};
