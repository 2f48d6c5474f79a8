// One head scanned in one direction, as the references take it.

import type { Direction } from "./scan-orders.ts";

/** One direction of one batch and head: views of the inputs, and how the log decay is laid out. */
export interface Scan {
  readonly N: number;
  readonly D: number;
  readonly E: number;
  readonly q: Float64Array;
  readonly k: Float64Array | undefined;
  readonly v: Float64Array;
  readonly logDecay: Float64Array | undefined;
  /** index of a decay in `logDecay` = token · perToken + channel · perChannel */
  readonly perToken: number;
  readonly perChannel: number;
  readonly visible: Float64Array | undefined;
  readonly initialState: Float64Array | undefined;
  readonly direction: Direction;
  /** every token sees all, whatever the order */
  readonly global: boolean;
  readonly factor: number;
}
