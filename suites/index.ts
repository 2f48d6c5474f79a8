// The list of suites, in the order in which they run.

import type { Suite } from "#case/suite";
import { autoregressiveLm } from "./autoregressive-lm.ts";
import { bidirectionalLm } from "./bidirectional-lm.ts";
import { decode } from "./decode.ts";
import { directionAsymmetry } from "./direction-asymmetry.ts";
import { directionTask } from "./direction-task.ts";
import { encodings } from "./encodings.ts";
import { featureMaps } from "./feature-maps.ts";
import { imageClassification } from "./image-classification.ts";
import { imageGeneration } from "./image-generation.ts";
import { kernelBackward } from "./kernel-backward.ts";
import { kernelForward } from "./kernel-forward.ts";
import { kernelMemory } from "./kernel-memory.ts";
import { languageModelGrowth } from "./language-model-growth.ts";
import { learningRates } from "./learning-rates.ts";
import { localMixing } from "./local-mixing.ts";
import { longSequences } from "./long-sequences.ts";
import { recall } from "./recall.ts";
import { rivals } from "./rivals.ts";
import { rivalsFla } from "./rivals-fla.ts";
import { saturation } from "./saturation.ts";
import { scanCount } from "./scan-count.ts";
import { sharing } from "./sharing.ts";
import { singleScan } from "./single-scan.ts";
import { stepTimes } from "./step-times.ts";
import { trainStep } from "./train-step.ts";
import { volumes } from "./volumes.ts";

export const allSuites: readonly Suite[] = [
  scanCount,
  kernelForward,
  kernelBackward,
  kernelMemory,
  longSequences,
  decode,
  rivals,
  rivalsFla,
  trainStep,
  learningRates,
  stepTimes,
  imageClassification,
  imageGeneration,
  bidirectionalLm,
  autoregressiveLm,
  languageModelGrowth,
  featureMaps,
  localMixing,
  encodings,
  singleScan,
  sharing,
  directionAsymmetry,
  saturation,
  recall,
  volumes,
  directionTask,
];
