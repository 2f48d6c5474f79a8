// The list of objectives: one a task.

import { Registry } from "#base/registry";
import { autoregressiveLm } from "./autoregressive-lm.ts";
import { imageClassification } from "./image-classification.ts";
import { imageGeneration } from "./image-generation.ts";
import { maskedLanguageModel } from "./masked-lm.ts";
import type { Objective } from "./objective.ts";
import { recall } from "./recall.ts";
import { sentenceClassification } from "./sentence-classification.ts";

export const objectives = new Registry<Objective>("task", [
  autoregressiveLm,
  imageClassification,
  imageGeneration,
  recall,
  maskedLanguageModel,
  sentenceClassification,
]);
