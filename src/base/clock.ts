// The clock, as a value: measuring code takes one, so that tests can hand in their own.

import type { Seconds } from "./units.ts";

export interface Clock {
  /** Monotonic time in seconds: it neither steps nor runs backwards. */
  now(): Seconds;
  /** Time of day, ISO 8601 in UTC. For labels, never for durations. */
  timestamp(): string;
}

/** The same in Node and in a browser; Node's has the resolution of the system's monotonic clock, nanoseconds. */
export const systemClock: Clock = {
  now: () => performance.now() / 1000,
  timestamp: () => new Date().toISOString(),
};
