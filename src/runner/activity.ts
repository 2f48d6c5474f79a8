// What a run tells of itself while it goes on.

import type { RunRecord } from "#store/record";
import type { Seconds } from "#base/units";
import type { Atom } from "./plan.ts";

/** What happens right now. */
export interface Activity {
  readonly phase: "checking correctness" | "measuring" | "training";
  readonly contender?: string | undefined;
  /** of the contender in work */
  readonly caseId?: string | undefined;
  readonly atom?: Atom | undefined;
  /** rounds, steps or forms done, and how many there are where that is known */
  readonly done?: number | undefined;
  readonly total?: number | undefined;
  readonly loss?: number | undefined;
  /** of the contender's time so far: half of its 95 % interval, as a share; absent in the first rounds */
  readonly halfWidth?: number | undefined;
  /** until this training ends, as it says itself */
  readonly secondsLeft?: Seconds | undefined;
}

export interface RunEvents {
  onActivity(activity: Activity): void;
  onAtom(atom: Atom, records: readonly RunRecord[], seconds: Seconds): void;
}
