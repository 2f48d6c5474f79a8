// What a person chooses on the page, and how a run's manifest keeps it: the flags of the command line.

import { z } from "zod";
import { UsageError } from "#base/errors";
import { groupBy } from "#base/group";
import type { Seconds } from "#base/units";
import { SCALES, type Scale } from "#case/case";
import type { Suite } from "#case/suite";
import { CONTENDER_BUDGETS } from "#runner/options";
import type { Manifest } from "#store/record";
import { autoregressiveLm } from "../../../suites/autoregressive-lm.ts";
import { allSuites } from "../../../suites/index.ts";
import { bidirectionalLm } from "../../../suites/bidirectional-lm.ts";
import { decode } from "../../../suites/decode.ts";
import { imageClassification } from "../../../suites/image-classification.ts";
import { imageGeneration } from "../../../suites/image-generation.ts";
import { kernelBackward } from "../../../suites/kernel-backward.ts";
import { kernelForward } from "../../../suites/kernel-forward.ts";
import { longSequences } from "../../../suites/long-sequences.ts";
import { recall } from "../../../suites/recall.ts";
import { scanCount } from "../../../suites/scan-count.ts";

/** Suites that run in a page, in the order in which they run. One list. */
export const PAGE_SUITES: readonly Suite[] = [
  scanCount,
  kernelForward,
  kernelBackward,
  longSequences,
  decode,
  imageClassification,
  imageGeneration,
  bidirectionalLm,
  autoregressiveLm,
  recall,
];

/** Why trainings cannot be chosen at this scale; undefined where they can. */
export function whyNoTrainings(scale: Scale): string | undefined {
  if (scale === "smoke") return undefined;
  return `At scale ${scale} these train for hours, on data that are files. A page keeps no checkpoints and reads no files: choose scale smoke, or the command line.`;
}

/** Why suites of the command line are not offered at all, by id or else by kind. */
const WHY_ABSENT: Readonly<Record<string, string>> = {
  "kernel-memory": "Browsers do not tell how much memory is in use.",
  rivals: "The rivals are programs, and a page starts none.",
  "rivals-fla": "The rivals are programs, and a page starts none.",
  "train-step": "The rivals are programs, and a page starts none.",
  "learning-rates": "A preparation of other runs, which takes hours.",
  "step-times": "A preparation of other runs, which takes hours.",
  training: "Trainings like those above with one thing changed, which take hours to say anything.",
};

/** Suites that the page does not have, by the reason. */
export function absentSuites(): ReadonlyMap<string, readonly Suite[]> {
  return groupBy(
    allSuites.filter((suite) => !PAGE_SUITES.includes(suite)),
    ({ id, kind }) => WHY_ABSENT[id] ?? WHY_ABSENT[kind]!,
  );
}

/** Engines that run in a page. */
export const PAGE_ENGINES = ["wasm", "webgpu"] as const;

const flagsSchema = z.object({
  engine: z.enum(PAGE_ENGINES),
  scale: z.enum(SCALES),
  filter: z.array(z.string()).optional(),
  contenderBudget: z.number().positive().max(3600).optional(),
});

export interface Choices extends z.infer<typeof flagsSchema> {
  readonly suites: readonly Suite[];
  /** after so much measuring nothing new is started; of this start, so the manifest does not keep it */
  readonly runBudget?: Seconds | undefined;
}

export function flagsOf({ engine, scale, filter, contenderBudget }: Choices): Manifest["flags"] {
  return {
    engine,
    scale,
    executor: "local",
    ...(filter === undefined || filter.length === 0 ? {} : { filter }),
    ...(contenderBudget === undefined ? {} : { contenderBudget }),
  };
}

/** What a run was begun with. @throws {UsageError} this page does not know all of it */
export function choicesOf({ run, flags, suites: ids }: Manifest): Choices {
  const { data } = flagsSchema.safeParse(flags);
  const suites = PAGE_SUITES.filter(({ id }) => ids.includes(id));
  if (data === undefined || suites.length < ids.length)
    throw new UsageError(`${run} was begun by another version of this page, which knows other suites or choices.`);
  return { ...data, suites };
}

export function contenderBudgetOf({ contenderBudget, scale }: Choices): Seconds {
  return contenderBudget ?? CONTENDER_BUDGETS[scale];
}

/** How the same run is asked for on a command line. */
export function commandOf({ engine, scale, filter = [], contenderBudget, suites }: Choices): string {
  return [
    "(in a browser) lightnet-bench run",
    ...suites.map(({ id }) => id),
    `--engine ${engine} --scale ${scale}`,
    ...filter.map((text) => `--filter ${text}`),
    ...(contenderBudget === undefined ? [] : [`--contender-budget ${contenderBudget}s`]),
  ].join(" ");
}
