// What a run is asked to do; the command line fills it, the runner obeys.

import type { Bytes, Seconds } from "#base/units";
import type { Scale } from "#case/case";

export interface RunOptions {
  readonly scale: Scale;
  /** a concrete engine: `auto` has been resolved before */
  readonly engine: string;
  readonly gpuAdapter?: string;
  readonly dataDir?: string;
  readonly inceptionWeights?: string;
  /** the run folder */
  readonly folder: string;
  readonly retryFailed: boolean;
  readonly cellBudgetSeconds: Seconds;
  readonly runBudgetSeconds?: Seconds;
  readonly trainBudgetSeconds?: Seconds;
  readonly checkpointEverySeconds?: Seconds;
  /** children at once; times are only trustworthy with 1 */
  readonly jobs: number;
  readonly memoryLimitBytes: Bytes;
  /** the command as typed, for the manifest */
  readonly command: string;
}

/** What a request to a child says about its engine. */
export function engineOf({ engine, gpuAdapter }: RunOptions): { engine: string; gpuAdapter?: string } {
  return { engine, ...(gpuAdapter === undefined ? {} : { gpuAdapter }) };
}
