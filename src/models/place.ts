// Where a layer stands when it runs: as its weights are laid out, and how its operator is called.

import type { MixerPlace } from "#weights/mixer";

export interface LayerPlace extends MixerPlace {
  /** strategy of the operator; the one that the operator chooses where absent */
  readonly strategy?: string;
}
