// What stands on the y axis of a figure: which estimate, in which unit, on which scale.

import { formatBytes, formatSeconds } from "#base/units";
import type { Estimate } from "#stats/estimate";
import { formatWithInterval } from "#stats/interval-digits";
import type { Figure } from "#suite/suite";
import { labelOf } from "../palette.ts";
import { scoreNameOf } from "../score-names.ts";
import type { CaseView, RatioLookup } from "../view.ts";
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
export function quantityOf(figure: Figure, views: readonly CaseView[]): FigureQuantity {
  const perProcess = { centre: "median", unitOfN: "processes" };
  switch (figure.y) {
    case "time":
      return { title: `time of ${callOf(views)}`, quantity: "seconds", scale: "log", ...perProcess };
    case "memory":
      return { title: memoryNameOf(views), quantity: "bytes", scale: "log", centre: "largest", unitOfN: "processes" };
    case "throughput":
      return { title: "throughput (operations per second)", quantity: "count", scale: "log", ...perProcess };
    case "ratio":
      return { title: `time relative to ${labelOf(figure.baseline ?? "")} (×)`, quantity: "plain", scale: "log", ...perProcess };
    case "loss":
      return { title: "test loss (nats)", quantity: "plain", scale: "linear", centre: "mean", unitOfN: "seeds" };
    case "score": {
      const { title, isFraction } = scoreNameOf(scoreKeyOf(views));
      return { title, quantity: isFraction ? "percent" : "plain", scale: "linear", centre: "mean", unitOfN: "seeds" };
    }
  }
}

function callOf(views: readonly CaseView[]): string {
  const kinds = new Set(views.map(({ item }) => (item.kind === "operator" ? item.pass : item.kind)));
  if (kinds.size > 1) return "one call";
  const [kind] = kinds;
  if (kind === "decode") return "one token";
  if (kind === "training") return "one training step";
  return kind === "forward" ? "one forward pass" : "one forward and backward pass";
}

type MemoryMeasure = "enginePeakBytes" | "processPeakBytes";

/** Engine-allocated peaks where every case with memory has one, else process peaks, so that one picture shows one measure. */
function memoryMeasure(views: readonly CaseView[]): MemoryMeasure {
  const measured = views.flatMap(({ memory }) => memory ?? []);
  return measured.every(({ enginePeakBytes }) => enginePeakBytes !== undefined) ? "enginePeakBytes" : "processPeakBytes";
}

function memoryNameOf(views: readonly CaseView[]): string {
  return memoryMeasure(views) === "enginePeakBytes" ? "peak memory allocated by the engine" : "peak resident memory of the process";
}

/** The estimate that a figure draws of a case; absent where there is none. */
export function estimateOf(view: CaseView, figure: Figure, { ratios, among }: { ratios: RatioLookup; among: readonly CaseView[] }): Estimate | undefined {
  switch (figure.y) {
    case "time":
      return view.time ?? view.training?.stepSeconds;
    case "memory":
      return largest(view, memoryMeasure(among));
    case "throughput":
      return view.measured?.achieved?.flopsPerSecond;
    case "ratio":
      return figure.baseline === undefined ? undefined : ratios(view, figure.baseline);
    case "loss":
      return view.training?.scores["loss"];
    case "score":
      return view.training?.scores[scoreKeyOf(among)];
  }
}

function largest({ memory, n }: CaseView, measure: MemoryMeasure): Estimate | undefined {
  const estimate = memory?.[measure];
  return estimate === undefined ? undefined : { estimate, confidence: 1, n, method: "largest over processes" };
}

/** The headline score of training cases: top-1 accuracy where there is one, else the first that is no loss. */
function scoreKeyOf(views: readonly CaseView[]): string {
  const keys = views.flatMap(({ training }) => Object.keys(training?.scores ?? {}));
  return keys.includes("top1") ? "top1" : (keys.find((key) => key !== "loss") ?? "loss");
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
export function printEstimate({ estimate, low, high }: Estimate, quantity: Quantity): string {
  const interval = low === undefined || high === undefined ? {} : { low, high };
  return formatWithInterval(estimate, interval, formatOf(estimate, quantity));
}

/** Factor and unit that suit a value: 0.0012 s is printed in ms. */
function formatOf(value: number, quantity: Quantity): { factor?: number; unit?: string } {
  if (quantity === "percent") return { factor: 0.01, unit: "%" };
  if (quantity !== "seconds" && quantity !== "bytes") return {};
  const [number, unit] = (quantity === "seconds" ? formatSeconds(value, 15) : formatBytes(value, 15)).split(" ");
  return value === 0 || unit === undefined ? {} : { factor: value / Number(number), unit };
}
