// npm run choose-step-times -- <run>: seconds of a training step of each contender, from the records of suite `step-times`,
// as the lines of src/catalogue/step-times.ts.

import { HarnessError, UsageError } from "#base/errors";
import { effectiveRecords } from "#store/atoms";
import { findRun } from "#store/layout";
import { loadRun } from "#store/load";
import { measuredSteps } from "./choose-step-times/times.ts";

/** A process that starts beside more than this was not alone. */
const IDLE_LOAD = 0.5;

function main(names: readonly string[]): number {
  if (names.length === 0)
    throw new UsageError("Name the run that holds the timings: npm run choose-step-times -- results/runs/<run>");
  const steps = measuredSteps(names.flatMap((name) => effectiveRecords(loadRun(findRun(name)).records)));
  if (steps.length === 0) throw new UsageError(`${names.join(", ")} holds no finished case of suite step-times.`);
  const busy = Math.max(...steps.flatMap(({ loads }) => loads));
  if (busy > IDLE_LOAD)
    console.error(`The load average was up to ${busy} at the start of a process: the machine was not idle.`);
  for (const { task, dataset, scale, engine, contender, seconds } of steps)
    console.log(
      `  { task: "${task}", dataset: "${dataset}", scale: "${scale}", engine: "${engine}", contender: "${contender}", seconds: ${seconds} },`,
    );
  return 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof HarnessError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
