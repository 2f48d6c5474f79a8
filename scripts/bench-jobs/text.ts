// The benchmark's result in words, for the terminal and for docs/cluster.md.

import { counted } from "#base/counted";
import { markdownTable } from "#base/markdown";
import { formatSeconds } from "#base/units";
import { benchMachineText } from "../bench-machine.ts";
import type { JobsReading, JobsResult } from "./result.ts";

export function jobsText(result: JobsResult): string {
  const { readings, trainings, stepsFactor, engine, cores, scoresEqual } = result;
  const [alone] = readings;
  const rows = readings.map((reading) => [...readingCells(reading), timesSooner(alone!, reading)]);
  const scores = scoresEqual ? "All scores are equal to the last digit" : "SCORES DIFFER";
  return [
    `${counted(trainings.length, "training")} (${trainings.join(", ")}) with ${stepsFactor} times the steps of scale smoke, engine ${engine}, ${counted(cores, "core")}. ${scores}. ${benchMachineText(result)}`,
    markdownTable(
      [
        "jobs",
        "first training to end",
        "trainings by their own clocks, summed",
        "before the first training",
        "times sooner",
      ],
      rows,
      ["right", "right", "right", "right", "right"],
    ),
  ].join("\n\n");
}

function readingCells({ jobs, seconds, summedSeconds, secondsBefore }: JobsReading): string[] {
  return [String(jobs), formatSeconds(seconds), formatSeconds(summedSeconds), formatSeconds(secondsBefore)];
}

function timesSooner(alone: JobsReading, reading: JobsReading): string {
  return (alone.seconds / reading.seconds).toFixed(2);
}
