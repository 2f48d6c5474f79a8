// Mixers that come from files of the user's: what of them is needed without tensors. They are declared when their file is read.

import { UsageError } from "#base/errors";
import type { MixerPlace } from "./place.ts";
import type { WeightDeclaration } from "./weights.ts";

export interface DeclaredMixer {
  /** name and content of the file: `my-mixer@3f2a91bc` */
  readonly id: string;
  /** weights of one layer, by their names within it */
  readonly weights: (place: MixerPlace) => readonly WeightDeclaration[];
  /** forward operations of one layer and one sequence beside the products of projections; default 0 */
  readonly flops?: ((place: MixerPlace) => number) | undefined;
}

const declared = new Map<string, DeclaredMixer>();

export function declareMixer(mixer: DeclaredMixer): void {
  declared.set(mixer.id, mixer);
}

/** @throws {UsageError} its file was not read */
export function declaredMixer(id = ""): DeclaredMixer {
  const mixer = declared.get(id);
  if (mixer === undefined)
    throw new UsageError(
      `The mixer ${id} comes from a module that this run was not given, or in another version. Its records can be reported and compared; to train it name its file with --contender.`,
    );
  return mixer;
}
