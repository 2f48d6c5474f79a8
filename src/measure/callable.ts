// What is measured: something that can be called again and again and says when the device is done.

import type { Seconds } from "#base/units";

export interface Callable {
  /** the contender's id */
  readonly id: string;
  /** Sets of inputs that calls rotate through, so that no call finds its inputs in the cache. */
  readonly inputSets: number;
  /** How often one call does the work; its time is divided by this. Absent: once. For work so short that the clock would count. */
  readonly repeats?: number;
  /**
   * Does the work on one set of inputs and resolves when the device has finished.
   * Returns the clean-up, which runs outside the clock.
   */
  call(inputSet: number): Promise<CleanUp>;
  /** The device's own time of the same work, where the engine has it; undefined where it cannot tell for this work. */
  deviceSeconds?(inputSet: number): Promise<Seconds | undefined>;
  /** Does the same work with a clock around each of its parts: seconds by their names. */
  segmentSeconds?(inputSet: number): Readonly<Record<string, Seconds>>;
}

/** Frees what a call made. */
export interface CleanUp {
  (): void;
  /** Times of all repeats by a clock of the contender's own: they count, and the sampler's stands beside. */
  readonly seconds?: readonly Seconds[];
  /** Reads what the call gave, before it is freed; the check compares that with the definition, whenever it is wanted. */
  keep?(): Promise<Check>;
}

/** @throws {CorrectnessError} the call gave something else than the definition */
export type Check = () => Promise<void>;
