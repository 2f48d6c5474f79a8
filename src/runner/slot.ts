// A place where a child runs.

/** One place for one child at a time. */
export interface Slot {
  /** what its command is put behind */
  readonly prefix: readonly string[];
  /** what it finds in its environment beside ours */
  readonly environment: Readonly<Record<string, string>>;
}

/** The whole machine, for one child that runs alone. */
export const WHOLE_MACHINE: Slot = { prefix: [], environment: {} };
