// The list of objectives: one a task.

import { Registry } from "#base/registry";
import { autoregressiveLm } from "./autoregressive-lm/objective.ts";
import { imageClassification } from "./image-classification/objective.ts";
import { imageGeneration } from "./image-generation/objective.ts";
import { maskedLanguageModel } from "./bidirectional-lm/objective.ts";
import type { Objective } from "#training/objective";
import { recall } from "./recall/objective.ts";
import { sentenceClassification } from "./sentence-classification/objective.ts";

export const objectives = new Registry<Objective>("task", [
  autoregressiveLm,
  imageClassification,
  imageGeneration,
  recall,
  maskedLanguageModel,
  sentenceClassification,
]);
