// The end of a run that a person asked for.

import { HarnessError } from "#base/errors";

/** Thrown when a signal ends the run; what was finished is on the disk. */
export class InterruptedError extends HarnessError {
  override readonly name = "InterruptedError";

  constructor() {
    super("E_INTERRUPTED", "interrupted");
  }
}
