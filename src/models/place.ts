// Where layers stand when they run: as their weights are laid out, and how their operators are called.

import type { TokenGrid } from "#weights/backbone";
import type { MixerPlace } from "#weights/mixer";
import type { Decoding } from "./decoding.ts";

interface Calls {
  /** one token a call, with the states of the operators carried on here */
  readonly decoding?: Decoding | undefined;
}

export type ModelTokens = TokenGrid & Calls;

export interface LayerPlace extends MixerPlace, Calls {
  /** strategy of the operator; the one that the operator chooses where absent */
  readonly strategy?: string;
}
