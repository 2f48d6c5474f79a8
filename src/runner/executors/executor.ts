// What carries a plan out.

import type { Manifest, RunRecord } from "#store/record";
import type { RunWriter } from "#store/writer";
import type { DeviceDescription } from "#engine/engine";
import type { RunEvents } from "../activity.ts";
import type { Ending } from "../atom.ts";
import type { SecondsOf } from "../estimate.ts";
import type { RunOptions } from "../options.ts";
import type { Atom } from "../plan.ts";

export interface Execution {
  readonly atoms: readonly Atom[];
  readonly options: RunOptions;
  /** of this machine, where it measures */
  readonly device?: DeviceDescription | undefined;
  readonly writer: RunWriter;
  readonly manifest: Manifest;
  /** what a resumed run already holds */
  readonly records: readonly RunRecord[];
  /** for what packs atoms into tasks */
  readonly secondsOf?: SecondsOf;
  /** of cases that are known to end the whole program: they are not tried */
  readonly endings?: ReadonlyMap<string, Ending>;
  readonly signal: AbortSignal;
  /** asks to pause: what runs goes on to its end, and nothing new is started */
  readonly pause?: AbortSignal;
  readonly events: RunEvents & { say(line: string): void };
  /** The first answer is on the disk, and there is more to measure. */
  readonly onFirstAnswer?: () => Promise<void>;
}

/** A plan that is only looked at. */
export interface Preview {
  readonly atoms: readonly Atom[];
  readonly options: RunOptions;
  readonly secondsOf: SecondsOf;
}

/**
 * Runs atoms and writes their records and the manifest.
 *
 * @returns atoms that are left, because the run's budget was spent
 * @throws {InterruptedError}
 */
export type Executor = (execution: Execution) => Promise<number>;
