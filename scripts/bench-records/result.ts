// What the benchmark found: the small file that is published and that docs/cluster.md shows.

import type { Bytes, Seconds } from "#base/units";
import type { BenchMachine } from "../bench-machine.ts";

export interface Reading {
  readonly command: string;
  readonly seconds: Seconds;
  /** of the processor, user and system: what the command needs where nothing else runs */
  readonly processorSeconds: Seconds;
  readonly peakBytes: Bytes;
  readonly exitCode: number | undefined;
}

export interface BenchResult extends BenchMachine {
  readonly records: number;
  /** of a run's file of records */
  readonly recordBytes: Bytes;
  readonly pageBytes: Bytes | undefined;
  readonly planned: number;
  readonly readings: readonly Reading[];
}
