// Clocks around the parts of a mixer layer.

import type { Clock } from "#base/clock";
import { inModule } from "#base/scopes";
import type { Seconds } from "#base/units";
import type { SegmentId } from "#catalogue/segments";

/** Runs a part of a layer as the segment of this name. */
export type AsSegment = <T>(id: SegmentId, run: () => T) => T;

/** Nobody looks at the clock, unless a step is profiled. */
export const untimed: AsSegment = inModule;

/** Seconds of each segment of a call, for engines whose kernels have ended when their call returns. */
export class SegmentTimes {
  #seconds: Map<SegmentId, Seconds> | undefined;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Looks at the clock only within `of`, so that calls that are timed whole pay for none of it. */
  readonly asSegment: AsSegment = (id, run) => {
    const seconds = this.#seconds;
    if (seconds === undefined) return run();
    const start = this.#clock.now();
    const made = run();
    seconds.set(id, (seconds.get(id) ?? 0) + this.#clock.now() - start);
    return made;
  };

  of(run: () => void): Readonly<Partial<Record<SegmentId, Seconds>>> {
    const seconds = new Map<SegmentId, Seconds>();
    this.#seconds = seconds;
    try {
      run();
    } finally {
      this.#seconds = undefined;
    }
    return Object.fromEntries(seconds);
  }
}
