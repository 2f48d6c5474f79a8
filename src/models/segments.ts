// Clocks around the parts of a mixer layer.

import type { Clock } from "#base/clock";
import type { Seconds } from "#base/units";
import type { SegmentId } from "#catalogue/segments";

/** Runs a part of a layer as the segment of this name. */
export type AsSegment = <T>(id: SegmentId, run: () => T) => T;

/** Nobody looks at the clock. */
export const untimed: AsSegment = (_id, run) => run();

/** Adds up the seconds of each segment; for engines whose kernels have ended when their call returns. */
export class SegmentTimes {
  readonly #seconds = new Map<SegmentId, Seconds>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly asSegment: AsSegment = (id, run) => {
    const start = this.#clock.now();
    const made = run();
    this.#seconds.set(id, (this.#seconds.get(id) ?? 0) + this.#clock.now() - start);
    return made;
  };

  /** Seconds since the last time they were taken. */
  take(): Readonly<Partial<Record<SegmentId, Seconds>>> {
    const taken = Object.fromEntries(this.#seconds);
    this.#seconds.clear();
    return taken;
  }
}
