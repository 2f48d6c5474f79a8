// What a run is, in a title: suites, scale, engine and machine. Its name and its command say how it came about, which may
// be by merging others.

import { counted } from "#base/counted";
import type { Environment } from "#store/record";

/** `tensorflow on AMD EPYC, 2 cores`, or the GPU in the place of the processor; in a browser with its name. */
export function deviceWords({ engine, cpu, cores, device, browser }: Environment): string {
  const machine = device.kind === "gpu" ? device.name : `${cpu.replace(/ \d+-Core.*/, "")}, ${counted(cores, "core")}`;
  const software = device.software ? " (software GPU: times not shown)" : "";
  return `${engine} on ${machine}${software}${browser === undefined ? "" : `, ${browser.name}`}`;
}

/** Suites that a title names; more are counted. */
const MOST_NAMED = 3;

export interface RunParts {
  /** with results, by id */
  readonly suites: readonly string[];
  readonly scales: readonly string[];
  readonly environments: Iterable<Environment>;
}

/** `image-generation at scale small, tensorflow on AMD EPYC, 2 cores`. */
export function runTitle({ suites, scales, environments }: RunParts): string {
  const named = suites.length > MOST_NAMED ? `${suites.length} suites` : suites.join(", ");
  const devices = [...new Set([...environments].map(deviceWords))].join("; ");
  return [`${named === "" ? "no result yet" : named} at scale ${[...new Set(scales)].join(", ")}`, devices]
    .filter((part) => part !== "")
    .join(", ");
}
