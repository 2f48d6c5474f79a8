// Memory while something runs: live tensor bytes of the engine and resident bytes of the process.

import type { Bytes } from "#base/units";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { host } from "#host/current";
import type { Callable } from "./callable.ts";

export interface MemoryReading {
  /** peak of live tensor bytes during the calls, inputs included */
  readonly enginePeakBytes: Bytes;
  /** what the engine holds from the system afterwards (wasm heap, device memory), where it can tell */
  readonly engineReservedBytes?: Bytes;
  /** peak resident bytes of the process during the calls, where the system tells */
  readonly processPeakBytes?: Bytes;
  /** resident bytes of the process before its inputs were made: node, code and an idle engine */
  readonly processBaselineBytes?: Bytes;
}

/**
 * Calls once after a warm-up on a small shape and reads the peaks. Run in a fresh process: neither resident
 * memory nor the wasm heap ever shrinks.
 *
 * @param prepare makes the callable with its inputs; called after the baseline was read
 */
export async function measureMemory<T extends { readonly callable: Callable }>(
  engine: RunningEngine,
  prepare: () => Promise<T>,
): Promise<{ readonly prepared: T; readonly reading: MemoryReading }> {
  (globalThis as { gc?: () => void }).gc?.();
  const processBaselineBytes = host.machine.residentBytes("now");
  const prepared = await prepare();
  host.machine.resetPeak();
  const profile = await tf.profile(async () => {
    const dispose = await prepared.callable.call(0);
    dispose();
    return []; // what the call made is gone; profile only counts
  });
  const processPeakBytes = host.machine.residentBytes("peak");
  const { reservedBytes } = engine.memory();
  const reading = {
    enginePeakBytes: profile.peakBytes,
    ...(reservedBytes === undefined ? {} : { engineReservedBytes: reservedBytes }),
    ...(processPeakBytes === undefined ? {} : { processPeakBytes }),
    ...(processBaselineBytes === undefined ? {} : { processBaselineBytes }),
  };
  return { prepared, reading };
}
