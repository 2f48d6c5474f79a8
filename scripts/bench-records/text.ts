// The benchmark's result in words, for the terminal and for docs/cluster.md.

import { markdownTable } from "#base/markdown";
import { formatBytes, formatSeconds } from "#base/units";
import { benchMachineText } from "../bench-machine.ts";
import type { BenchResult, Reading } from "./result.ts";

export function benchText(result: BenchResult): string {
  const { records, recordBytes, pageBytes, planned, readings } = result;
  const page = pageBytes === undefined ? "" : ` The page of the report has ${formatBytes(pageBytes)}.`;
  return [
    `Two made-up runs of ${thousands(records)} records (${formatBytes(recordBytes)} each), and a plan of ${thousands(planned)} cases.${page} ${benchMachineText(result)}`,
    markdownTable(["command", "elapsed", "processor time", "peak memory"], readings.map(readingCells), [
      "left",
      "right",
      "right",
      "right",
    ]),
  ].join("\n\n");
}

export function readingCells({ command, seconds, processorSeconds, peakBytes, exitCode }: Reading): string[] {
  return [
    `${command}${exitCode === 0 ? "" : ` (exit ${exitCode})`}`,
    formatSeconds(seconds),
    formatSeconds(processorSeconds),
    formatBytes(peakBytes),
  ];
}

function thousands(count: number): string {
  return count.toLocaleString("en").replaceAll(",", " ");
}
