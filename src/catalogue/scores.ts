// The list of scores: what a number in a training record is called, its unit, which way it is good, and how much worse is
// not worse. Tables, charts, claims and comparisons read it; nothing else holds such facts.

import { Registry } from "#base/registry";

/** `absolute` in the unit in which the score is recorded, `relative` as a share of another score. */
export interface Margin {
  readonly by: number;
  readonly of: "absolute" | "relative";
}

export interface Score {
  /** its key in a training record */
  readonly id: string;
  readonly title: string;
  /** `%`: recorded as a fraction, and printed in per cent; empty for a plain number */
  readonly unit: "%" | "nats" | "";
  /** the least it can be; default 0 */
  readonly least?: number;
  /** absent where neither way is better */
  readonly better?: "higher" | "lower";
  /** "not worse" means within it; written down before any run */
  readonly margin?: Margin;
}

const higher = { better: "higher" } as const;
const lower = { better: "lower" } as const;
const absolute = (by: number) => ({ margin: { by, of: "absolute" as const } });

export const scores = new Registry<Score>("score", [
  { id: "top1", title: "test accuracy, top-1", unit: "%", ...higher, ...absolute(0.005) },
  { id: "top5", title: "test accuracy, top-5", unit: "%", ...higher },
  { id: "accuracy", title: "test accuracy", unit: "%", ...higher },
  // For CoLA and STS-B it is a correlation. Two accuracies of 80 % on the 872 sentences of SST-2's dev split differ with a standard error of 1.9 points by chance.
  { id: "official", title: "official metric", unit: "%", least: -1, ...higher, ...absolute(0.03) },
  { id: "matthews", title: "Matthews correlation", unit: "%", least: -1, ...higher },
  { id: "f1", title: "F1", unit: "%", ...higher },
  { id: "pearson", title: "Pearson correlation", unit: "%", least: -1, ...higher },
  { id: "spearman", title: "Spearman correlation", unit: "%", least: -1, ...higher },
  {
    id: "mse",
    title: "squared error of the predicted noise",
    unit: "",
    ...lower,
    margin: { by: 0.02, of: "relative" },
  },
  { id: "fdOwn", title: "FD (own features)", unit: "", ...lower },
  { id: "precisionOwn", title: "precision (own features)", unit: "%", ...higher },
  { id: "recallOwn", title: "recall (own features)", unit: "%", ...higher },
  { id: "classAgreement", title: "samples of the class asked for", unit: "%", ...higher },
  { id: "judgeAccuracy", title: "their judge, right on real images", unit: "%", ...higher },
  { id: "fid50k", title: "FID-50K", unit: "", ...lower },
  { id: "fdInception", title: "FD (Inception)", unit: "", ...lower },
  { id: "precisionInception", title: "precision (Inception)", unit: "%", ...higher },
  { id: "recallInception", title: "recall (Inception)", unit: "%", ...higher },
  { id: "loss", title: "test loss", unit: "nats", ...lower, ...absolute(0.02) },
  { id: "perplexity", title: "test perplexity", unit: "", ...lower },
  { id: "wordPerplexity", title: "word-level test perplexity", unit: "", ...lower },
  { id: "bitsPerByte", title: "bits per byte", unit: "", ...lower },
  { id: "bitsPerCharacter", title: "bits per character", unit: "", ...lower },
  { id: "natsAboveOptimum", title: "nats above the source's entropy", unit: "", least: -Infinity, ...lower },
  { id: "pretrainingLoss", title: "loss of the masked language model before", unit: "nats", ...lower },
  { id: "underUnigram", title: "nats under token frequencies", unit: "", least: -Infinity, ...higher },
  { id: "underNeighbourCounts", title: "nats under counts of both neighbours", unit: "", least: -Infinity, ...higher },
  { id: "saturationSlope", title: "slope of log(1 − λ) against log t", unit: "", least: -Infinity },
  { id: "saturationSlopeInitial", title: "the same slope before training", unit: "", least: -Infinity },
]);

/** The least difference that a reader compares by: a tenth of what is not worse; undefined where the score has no margin. */
export function resolutionOf({ margin }: Pick<Score, "margin">, value: number): number | undefined {
  if (margin === undefined) return undefined;
  return (margin.by * (margin.of === "relative" ? Math.abs(value) : 1)) / 10;
}

/** What a difference of two such scores is counted in. */
export function differenceUnit({ unit }: Pick<Score, "unit">): "points" | "nats" | "score" {
  if (unit === "") return "score";
  return unit === "%" ? "points" : unit;
}

/** The values that a score can have; ends of its interval lie within. */
export function rangeOf({ unit, least = 0 }: Score): readonly [least: number, most: number] {
  return [least, unit === "%" ? 1 : Infinity];
}
