// What stands on the y axis of a figure: which estimate, in which unit, on which scale.

import type { RatioLookup } from "#evidence/ratios";
import type { Result } from "#evidence/result";
import type { ScoreComparisons } from "#evidence/score-comparisons";
import type { Estimate } from "#stats/estimate";
import type { Figure } from "#case/suite";
import { tasks } from "#catalogue/tasks";
import { labelOf } from "../palette.ts";
import { countOf, printEstimate } from "../print.ts";
import { scoreNameOf } from "../score-names.ts";
import type { Quantity } from "./axis.ts";
import { differenceOf, differenceQuantity } from "./differences.ts";

export interface FigureQuantity {
  readonly title: string;
  /** which way is better; absent where neither is */
  readonly better?: "lower" | "higher";
  readonly quantity: Quantity;
  readonly scale: "log" | "linear";
  /** what the interval is of */
  readonly centre: "median" | "mean" | "largest" | "count";
  readonly unitOfN: "processes" | "seeds";
}

/** A result with what a figure draws of it. */
export interface DrawnResult {
  readonly result: Result;
  readonly y: Estimate;
  /** of a difference: what the comparison says, and of LightNet's own row its score */
  readonly verdict?: string;
  readonly ownScore?: string;
}

/** Which way is better, for the line under an axis. */
export function hintOf(figure: Figure, { better }: FigureQuantity): string | undefined {
  if (figure.y === "ratio") return "← faster │ slower →";
  if (figure.y === "difference") return "← worse than LightNet │ better →";
  if (better === undefined) return undefined;
  return better === "higher" ? "higher is better →" : "← lower is better";
}

/** The quantity of a figure, named after the cases it shows. */
export function quantityOf(figure: Figure, results: readonly Result[], measure?: MemoryMeasure): FigureQuantity {
  const isTraining = results.some(({ case: item }) => item.kind === "training");
  const perProcess = { scale: "log", centre: "median", unitOfN: "processes", better: "lower" } as const;
  const perSeed = { scale: "log", centre: "median", unitOfN: "seeds", better: "lower" } as const;
  const score = { scale: "linear", centre: "mean", unitOfN: "seeds" } as const;
  switch (figure.y) {
    case "time":
      return { title: `time of ${callOf(results)}`, quantity: "seconds", ...(isTraining ? perSeed : perProcess) };
    case "memory":
      return {
        title: `peak memory ${MEMORY_WORDS[measure ?? "enginePeakBytes"]}`,
        quantity: "bytes",
        ...perProcess,
        centre: "largest",
      };
    case "throughput":
      return isTraining
        ? { title: "training throughput (examples per second)", quantity: "count", ...perSeed, better: "higher" }
        : { title: "throughput (operations per second)", quantity: "count", ...perProcess, better: "higher" };
    case "ratio":
      return {
        title: `time / time of ${labelOf(figure.baseline ?? "")}`,
        quantity: "plain",
        ...perProcess,
      };
    case "roofline":
      return {
        title: `operations per second (${callOf(results)})`,
        quantity: "flops",
        ...perProcess,
        better: "higher",
      };
    case "operations":
      return { title: "operations of one example, forward", quantity: "operations", ...perSeed, centre: "count" };
    case "difference":
      return differenceTo(figure.score ?? scoreKeyOf(results));
    case "loss":
      return { title: "test loss (nats)", quantity: "plain", ...score, better: "lower" };
    case "score": {
      const key = figure.score ?? scoreKeyOf(results);
      const { isFraction, ...name } = scoreNameOf(key);
      return { ...name, quantity: isFraction ? "percent" : "plain", ...score };
    }
  }
}

/** Above zero is better, whichever way its score is. */
function differenceTo(key: string): FigureQuantity {
  const { title, better = "higher" } = scoreNameOf(key);
  const quantity = differenceQuantity(key);
  const unit = quantity === "difference" ? "" : ` (${quantity})`;
  const name = title.replace(/ \((%|nats)\)/, "");
  const words = better === "higher" ? `${name}, less LightNet's` : `LightNet's ${name}, less the model's`;
  return { title: `${words}${unit}`, better: "higher", quantity, scale: "linear", centre: "mean", unitOfN: "seeds" };
}

function callOf(results: readonly Result[]): string {
  const kinds = new Set(results.map(({ case: item }) => (item.kind === "operator" ? item.pass : item.kind)));
  if (kinds.size > 1) return "one call";
  const [kind] = kinds;
  if (kind === "decode") return "one token";
  if (kind === "training" || kind === "train-step") return "one training step";
  return kind === "forward" ? "one forward pass" : "one forward and backward pass";
}

/** The two peaks that are measured; a figure of memory gives a picture for each, so that one picture shows one measure. */
export type MemoryMeasure = "enginePeakBytes" | "processPeakBytes";

export const MEMORY_WORDS: Readonly<Record<MemoryMeasure, string>> = {
  enginePeakBytes: "allocated by the engine",
  processPeakBytes: "resident in the process",
};

/** The peaks that some of these cases have. */
export function memoryMeasuresOf(results: readonly Result[]): readonly MemoryMeasure[] {
  const measures: readonly MemoryMeasure[] = ["enginePeakBytes", "processPeakBytes"];
  return measures.filter((measure) => results.some(({ memory }) => memory?.[measure] !== undefined));
}

interface EstimateContext {
  readonly ratios: RatioLookup;
  readonly scores: ScoreComparisons;
  /** the results of the same picture */
  readonly among: readonly Result[];
  readonly measure?: MemoryMeasure | undefined;
}

/** The estimate that a figure draws of a result; absent where there is none. */
export function estimateOf(
  result: Result,
  figure: Figure,
  { ratios, scores, among, measure = "enginePeakBytes" }: EstimateContext,
): Estimate | undefined {
  const { training, time, memory, achieved, n } = result;
  switch (figure.y) {
    case "time":
      return time ?? training?.stepSeconds;
    case "memory":
      return exactly(memory?.[measure], n);
    case "throughput":
      return training?.examplesPerSecond ?? achieved?.flopsPerSecond;
    case "roofline":
      return achieved?.flopsPerSecond;
    case "ratio":
      return figure.baseline === undefined ? undefined : ratios(result, figure.baseline);
    case "operations":
      return exactly(training?.first.flopsPerExample, n);
    case "difference":
      return differenceOf(result, figure.score ?? scoreKeyOf(among), { scores, among });
    case "loss":
      return training?.scores.get("loss");
    case "score":
      return training?.scores.get(figure.score ?? scoreKeyOf(among));
  }
}

/** Counted, or the largest: no interval belongs to it. */
function exactly(estimate: number | undefined, n: number): Estimate | undefined {
  return estimate === undefined ? undefined : { estimate, confidence: 1, n, method: "counted" };
}

/** The score that the task leads with; of a task that is not known any more the first that is no loss. */
export function scoreKeyOf(results: readonly Result[]): string {
  const keys = results.flatMap(({ training }) => [...(training?.scores.keys() ?? [])]);
  const leading = results.flatMap(({ case: item }) =>
    item.kind === "training" && tasks.has(item.task) ? [tasks.get(item.task).metric.name] : [],
  );
  return leading.find((key) => keys.includes(key)) ?? keys.find((key) => key !== "loss") ?? "loss";
}

/** An estimate in words: `1.02 [1.00, 1.05] ms, n = 8 processes`. */
export function inWords(y: Estimate, { quantity, unitOfN }: FigureQuantity): string {
  return `${printEstimate(y, quantity)}, n = ${countOf(y.n, unitOfN)}`;
}
