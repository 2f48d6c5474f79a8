// What stands on the y axis of a figure: which estimate, in which unit, on which scale.

import { formatBytes, formatSeconds, withMinusSigns } from "#base/units";
import type { Estimate } from "#stats/estimate";
import { formatWithInterval, type PrintedInterval } from "#stats/interval-digits";
import type { Figure } from "#case/suite";
import { tasks } from "#catalogue/tasks";
import { labelOf } from "../palette.ts";
import { scoreNameOf } from "../score-names.ts";
import { BY_DEFINITION, type CaseView, type RatioLookup } from "../view.ts";
import type { Quantity } from "./axis.ts";

export interface FigureQuantity {
  readonly title: string;
  readonly quantity: Quantity;
  readonly scale: "log" | "linear";
  /** what the interval is of: `median` or `mean` */
  readonly centre: string;
  readonly unitOfN: string;
}

/** The quantity of a figure, named after the cases it shows. */
export function quantityOf(figure: Figure, views: readonly CaseView[], measure?: MemoryMeasure): FigureQuantity {
  const perProcess = { centre: "median", unitOfN: "processes" };
  switch (figure.y) {
    case "time":
      return {
        title: `time of ${callOf(views)}`,
        quantity: "seconds",
        scale: "log",
        ...perProcess,
        ...(areTrained(views) ? { unitOfN: "seeds" } : {}),
      };
    case "memory":
      return {
        title: MEMORY_NAMES[measure ?? "enginePeakBytes"],
        quantity: "bytes",
        scale: "log",
        centre: "largest",
        unitOfN: "processes",
      };
    case "throughput":
      return areTrained(views)
        ? {
            title: "training throughput (examples per second)",
            quantity: "count",
            scale: "log",
            centre: "median",
            unitOfN: "seeds",
          }
        : { title: "throughput (operations per second)", quantity: "count", scale: "log", ...perProcess };
    case "ratio":
      return {
        title: `← faster · time / time of ${labelOf(figure.baseline ?? "")} · slower →`,
        quantity: "plain",
        scale: "log",
        ...perProcess,
      };
    case "roofline":
      return { title: `operations per second (${callOf(views)})`, quantity: "flops", scale: "log", ...perProcess };
    case "operations":
      return {
        title: "operations of one example, forward",
        quantity: "operations",
        scale: "log",
        centre: "count",
        unitOfN: "seeds",
      };
    case "loss":
      return { title: "test loss (nats)", quantity: "plain", scale: "linear", centre: "mean", unitOfN: "seeds" };
    case "score": {
      const { title, isFraction } = scoreNameOf(figure.score ?? scoreKeyOf(views));
      return { title, quantity: isFraction ? "percent" : "plain", scale: "linear", centre: "mean", unitOfN: "seeds" };
    }
  }
}

function areTrained(views: readonly CaseView[]): boolean {
  return views.some(({ item }) => item.kind === "training");
}

function callOf(views: readonly CaseView[]): string {
  const kinds = new Set(views.map(({ item }) => (item.kind === "operator" ? item.pass : item.kind)));
  if (kinds.size > 1) return "one call";
  const [kind] = kinds;
  if (kind === "decode") return "one token";
  if (kind === "training") return "one training step";
  return kind === "forward" ? "one forward pass" : "one forward and backward pass";
}

/** The two peaks that are measured; a figure of memory gives a picture for each, so that one picture shows one measure. */
export type MemoryMeasure = "enginePeakBytes" | "processPeakBytes";

const MEMORY_NAMES: Readonly<Record<MemoryMeasure, string>> = {
  enginePeakBytes: "peak memory allocated by the engine",
  processPeakBytes: "peak resident memory of the process",
};

/** The peaks that some of these cases have. */
export function memoryMeasuresOf(views: readonly CaseView[]): readonly MemoryMeasure[] {
  const measures: readonly MemoryMeasure[] = ["enginePeakBytes", "processPeakBytes"];
  return measures.filter((measure) => views.some(({ memory }) => memory?.[measure] !== undefined));
}

interface EstimateContext {
  readonly ratios: RatioLookup;
  /** the cases of the same picture */
  readonly among: readonly CaseView[];
  readonly measure?: MemoryMeasure | undefined;
}

/** The estimate that a figure draws of a case; absent where there is none. */
export function estimateOf(
  view: CaseView,
  figure: Figure,
  { ratios, among, measure }: EstimateContext,
): Estimate | undefined {
  switch (figure.y) {
    case "time":
      return view.time ?? view.training?.stepSeconds;
    case "memory":
      return largest(view, measure ?? "enginePeakBytes");
    case "throughput":
      return view.training?.examplesPerSecond ?? view.measured?.achieved?.flopsPerSecond;
    case "roofline":
      return view.measured?.achieved?.flopsPerSecond;
    case "ratio":
      return figure.baseline === undefined ? undefined : ratios(view, figure.baseline);
    case "operations":
      return counted(view);
    case "loss":
      return view.training?.scores["loss"];
    case "score":
      return view.training?.scores[figure.score ?? scoreKeyOf(among)];
  }
}

const COUNTED = "counted from the model";

/** The same for every seed: counted, not measured. */
function counted({ training, n }: CaseView): Estimate | undefined {
  const flops = training?.results[0]?.flopsPerExample;
  return flops === undefined ? undefined : { estimate: flops, confidence: 1, n, method: COUNTED };
}

function largest({ memory, n }: CaseView, measure: MemoryMeasure): Estimate | undefined {
  const estimate = memory?.[measure];
  return estimate === undefined ? undefined : { estimate, confidence: 1, n, method: "largest over processes" };
}

/** The score that the task leads with; of a task that is not known any more the first that is no loss. */
function scoreKeyOf(views: readonly CaseView[]): string {
  const keys = views.flatMap(({ training }) => Object.keys(training?.scores ?? {}));
  const leading = views.flatMap(({ item }) =>
    item.kind === "training" && tasks.has(item.task) ? [tasks.get(item.task).metric.name] : [],
  );
  return leading.find((key) => keys.includes(key)) ?? keys.find((key) => key !== "loss") ?? "loss";
}

/** An estimate in words: `1.02 [1.00, 1.05] ms, n = 8 processes`. */
export function inWords(y: Estimate, { quantity, unitOfN }: FigureQuantity): string {
  return `${printEstimate(y, quantity)}, n = ${countOf(y.n, unitOfN)}`;
}

/** `8 processes`, `1 seed`. */
export function countOf(n: number, unit: string): string {
  return `${n} ${n === 1 ? unit.replace(/(?<=process)es$|s$/, "") : unit}`;
}

/** An estimate with its interval, in the unit that suits its size. */
export function printEstimate(value: Estimate, quantity: Quantity, unit = value.estimate): string {
  if (value.method === BY_DEFINITION) return String(value.estimate);
  if (value.method === COUNTED) return `${Number((value.estimate / 1e6).toPrecision(4))} MFLOP`;
  return withMinusSigns(formatWithInterval(value.estimate, printable(value), formatOf(unit, quantity)));
}

/** Values further apart have a unit each. */
const ONE_UNIT_RATIO = 1000;

/** A value whose unit suits a whole column; undefined where each needs its own. */
export function unitOf(values: readonly number[], quantity: Quantity): number | undefined {
  if (quantity !== "seconds" && quantity !== "bytes") return undefined;
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined || most / least > ONE_UNIT_RATIO) return undefined;
  return least;
}

/** The interval of an estimate, where it has one. */
export function printable({ low, high }: Estimate): PrintedInterval {
  return low === undefined || high === undefined ? {} : { low, high };
}

/** Factor and unit that suit a value: 0.0012 s is printed in ms. */
function formatOf(value: number, quantity: Quantity): { factor?: number; unit?: string } {
  if (quantity === "percent") return { factor: 0.01, unit: "%" };
  if (quantity === "flops") return { factor: 1e9, unit: "GFLOP/s" };
  if (quantity === "operations") return { factor: 1e6, unit: "MFLOP" };
  if (quantity !== "seconds" && quantity !== "bytes") return {};
  const [number, unit] = (quantity === "seconds" ? formatSeconds(value, 15) : formatBytes(value, 15)).split(" ");
  return value === 0 || unit === undefined ? {} : { factor: value / Number(number), unit };
}
