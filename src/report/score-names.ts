// Names of scores as people read them.

import type { Estimate } from "#stats/estimate";

export interface ScoreName {
  readonly title: string;
  /** in [0, 1], printed in per cent */
  readonly isFraction: boolean;
}

const NAMES: Readonly<Record<string, ScoreName>> = {
  top1: { title: "test accuracy, top-1 (%)", isFraction: true },
  top5: { title: "test accuracy, top-5 (%)", isFraction: true },
  accuracy: { title: "test accuracy (%)", isFraction: true },
  official: { title: "official metric (%)", isFraction: true },
  mse: { title: "squared error of the predicted noise", isFraction: false },
  fdOwn: { title: "FD (own features)", isFraction: false },
  precisionOwn: { title: "precision (own features) (%)", isFraction: true },
  recallOwn: { title: "recall (own features) (%)", isFraction: true },
  fid50k: { title: "FID-50K", isFraction: false },
  fdInception: { title: "FD (Inception)", isFraction: false },
  precisionInception: { title: "precision (Inception) (%)", isFraction: true },
  recallInception: { title: "recall (Inception) (%)", isFraction: true },
  loss: { title: "test loss (nats)", isFraction: false },
  perplexity: { title: "test perplexity", isFraction: false },
  wordPerplexity: { title: "word-level test perplexity", isFraction: false },
  bitsPerByte: { title: "bits per byte", isFraction: false },
  bitsPerCharacter: { title: "bits per character", isFraction: false },
  underUnigram: { title: "nats under token frequencies", isFraction: false },
  underNeighbourCounts: { title: "nats under counts of both neighbours", isFraction: false },
  pretrainingLoss: { title: "loss of the masked language model before (nats)", isFraction: false },
  matthews: { title: "Matthews correlation (%)", isFraction: true },
  f1: { title: "F1 (%)", isFraction: true },
  pearson: { title: "Pearson correlation (%)", isFraction: true },
  spearman: { title: "Spearman correlation (%)", isFraction: true },
  natsAboveOptimum: { title: "nats above the source's entropy", isFraction: false },
  saturationSlope: { title: "slope of log(1 − λ) against log t", isFraction: false },
  saturationSlopeInitial: { title: "the same slope before training", isFraction: false },
};

/** A score at some positions of a sequence: `loss.tokens16-63`. */
const AT_POSITIONS = /^loss\.tokens(\d+)-(\d+)$/;

/** A score that depends on how many samples were drawn: `fdInception.samples300`. */
const OF_SAMPLES = /\.samples(\d+)$/;

/** The name of a score, or of a part of it ("accuracy.items8", "loss.tokens16-63"); a score nobody named keeps its key. */
export function scoreNameOf(key: string): ScoreName {
  const [whole, ...parts] = key.split(".");
  const name = NAMES[whole!];
  if (name === undefined) return { title: key, isFraction: false };
  const [, from, to] = AT_POSITIONS.exec(key) ?? [];
  if (from !== undefined) return { ...name, title: `${name.title}, positions ${from} to ${to}` };
  const [, samples] = OF_SAMPLES.exec(key) ?? [];
  if (samples !== undefined)
    return { ...name, title: name.title.replace("(Inception)", `(Inception, ${samples} samples)`) };
  return parts.length === 0 ? name : { ...name, title: `${name.title}, ${parts.join(" ")}` };
}

/** Whether a score is part of another and belongs in no table of its own column: a group of positions, a head. */
export function isDetail(key: string): boolean {
  return AT_POSITIONS.test(key) || /\.layer\d+\.head\d+$/.test(key);
}

/** Scores by position, first position first. */
export function scoresByPosition(
  scores: Readonly<Record<string, Estimate>>,
): readonly { readonly from: number; readonly to: number; readonly estimate: Estimate }[] {
  const groups = Object.entries(scores).flatMap(([key, estimate]) => {
    const [, from, to] = AT_POSITIONS.exec(key) ?? [];
    return from === undefined ? [] : [{ from: Number(from), to: Number(to), estimate }];
  });
  return groups.toSorted((a, b) => a.from - b.from);
}
