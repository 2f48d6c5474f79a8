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
  // Two accuracies of 80 % on the 872 sentences of SST-2's dev split differ with a standard error of 1.9 points by chance.
  { id: "official", title: "official metric", unit: "%", ...higher, ...absolute(0.03) },
  { id: "matthews", title: "Matthews correlation", unit: "%", ...higher },
  { id: "f1", title: "F1", unit: "%", ...higher },
  { id: "pearson", title: "Pearson correlation", unit: "%", ...higher },
  { id: "spearman", title: "Spearman correlation", unit: "%", ...higher },
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
  { id: "natsAboveOptimum", title: "nats above the source's entropy", unit: "", ...lower },
  { id: "pretrainingLoss", title: "loss of the masked language model before", unit: "nats", ...lower },
  { id: "underUnigram", title: "nats under token frequencies", unit: "", ...higher },
  { id: "underNeighbourCounts", title: "nats under counts of both neighbours", unit: "", ...higher },
  { id: "saturationSlope", title: "slope of log(1 − λ) against log t", unit: "" },
  { id: "saturationSlopeInitial", title: "the same slope before training", unit: "" },
]);

/** What a difference of two such scores is counted in. */
export function differenceUnit({ unit }: Pick<Score, "unit">): "points" | "nats" | "score" {
  if (unit === "") return "score";
  return unit === "%" ? "points" : unit;
}
