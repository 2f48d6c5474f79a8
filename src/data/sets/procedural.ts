// Data sets that this program makes itself: they are everywhere, a page in a browser included.

import type { Dataset } from "./dataset.ts";
import { markovText } from "./markov-text.ts";
import { movingShapes } from "./moving-shapes.ts";
import { pathfinder } from "./pathfinder.ts";
import { sequenceDatasets } from "./sequences/datasets.ts";
import { syntheticSentences } from "./synthetic-sentences.ts";
import { syntheticShapes } from "./synthetic-shapes.ts";

export const proceduralDatasets: readonly Dataset[] = [
  syntheticShapes,
  pathfinder,
  ...movingShapes,
  ...sequenceDatasets,
  syntheticSentences,
  markovText,
];
