// The clock, as a value: measuring code takes one, so that tests can hand in their own.

import type { Seconds } from "./units.ts";

export interface Clock {
  /** Monotonic time in seconds. */
  now(): Seconds;
  /** Time of day, ISO 8601 in UTC. */
  timestamp(): string;
}

export const systemClock: Clock = {
  now: () => Number(process.hrtime.bigint()) / 1e9,
  timestamp: () => new Date().toISOString(),
};
