// The list of suites, in the order in which they run.

import type { Suite } from "#suite/suite";
import { decode } from "./decode.ts";
import { imageClassification } from "./image-classification.ts";
import { imageGeneration } from "./image-generation.ts";
import { kernelBackward } from "./kernel-backward.ts";
import { kernelForward } from "./kernel-forward.ts";
import { kernelMemory } from "./kernel-memory.ts";
import { learningRates } from "./learning-rates.ts";
import { scanCount } from "./scan-count.ts";

export const allSuites: readonly Suite[] = [scanCount, kernelForward, kernelBackward, kernelMemory, decode, learningRates, imageClassification, imageGeneration];
