// What the benchmark found: the small file that is published and that docs/cluster.md shows.

import type { Seconds } from "#base/units";
import type { BenchMachine } from "../bench-machine.ts";

/** The same trainings with one number of jobs. */
export interface JobsReading {
  readonly jobs: number;
  /** from the begin of the first training to the end of the run */
  readonly seconds: Seconds;
  /** of that, what each training takes by its own clock, summed: more than with one job where they hinder each other */
  readonly summedSeconds: Seconds;
  /** before the first training: checks, and with several jobs the steps that are timed alone */
  readonly secondsBefore: Seconds;
}

export interface JobsResult extends BenchMachine {
  readonly cores: number;
  readonly engine: string;
  /** tasks and models that were trained */
  readonly trainings: readonly string[];
  /** times the steps of scale smoke */
  readonly stepsFactor: number;
  readonly readings: readonly JobsReading[];
  /** every score of every training is the same number for any jobs */
  readonly scoresEqual: boolean;
}
