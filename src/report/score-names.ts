// Names of scores as people read them.

import { scorePart } from "#evidence/score-parts";

export interface ScoreName {
  readonly title: string;
  /** in [0, 1], printed in per cent */
  readonly isFraction: boolean;
}

const fraction = (title: string): ScoreName => ({ title: `${title} (%)`, isFraction: true });
const plain = (title: string): ScoreName => ({ title, isFraction: false });

const NAMES = new Map<string, ScoreName>([
  ["top1", fraction("test accuracy, top-1")],
  ["top5", fraction("test accuracy, top-5")],
  ["accuracy", fraction("test accuracy")],
  ["official", fraction("official metric")],
  ["mse", plain("squared error of the predicted noise")],
  ["fdOwn", plain("FD (own features)")],
  ["precisionOwn", fraction("precision (own features)")],
  ["recallOwn", fraction("recall (own features)")],
  ["classAgreement", fraction("samples of the class asked for")],
  ["judgeAccuracy", fraction("their judge, right on real images")],
  ["fid50k", plain("FID-50K")],
  ["fdInception", plain("FD (Inception)")],
  ["precisionInception", fraction("precision (Inception)")],
  ["recallInception", fraction("recall (Inception)")],
  ["loss", plain("test loss (nats)")],
  ["perplexity", plain("test perplexity")],
  ["wordPerplexity", plain("word-level test perplexity")],
  ["bitsPerByte", plain("bits per byte")],
  ["bitsPerCharacter", plain("bits per character")],
  ["underUnigram", plain("nats under token frequencies")],
  ["underNeighbourCounts", plain("nats under counts of both neighbours")],
  ["pretrainingLoss", plain("loss of the masked language model before (nats)")],
  ["matthews", fraction("Matthews correlation")],
  ["f1", fraction("F1")],
  ["pearson", fraction("Pearson correlation")],
  ["spearman", fraction("Spearman correlation")],
  ["natsAboveOptimum", plain("nats above the source's entropy")],
  ["saturationSlope", plain("slope of log(1 − λ) against log t")],
  ["saturationSlopeInitial", plain("the same slope before training")],
]);

/** The name of a score, or of a part of it ("accuracy.items8", "loss.tokens16-63"); a score nobody named keeps its key. */
export function scoreNameOf(key: string): ScoreName {
  const { whole, positions, isHead, samples, rest } = scorePart(key);
  const name = NAMES.get(whole);
  if (name === undefined) return plain(key);
  const { title } = name;
  if (samples !== undefined) return { ...name, title: title.replace("(Inception)", `(Inception, ${samples} samples)`) };
  if (positions !== undefined) return { ...name, title: `${title}, positions ${positions.from} to ${positions.to}` };
  return rest.length === 0 && !isHead ? name : { ...name, title: `${title}, ${rest.join(" ")}` };
}

/** Whether a score is part of another and belongs in no table of its own column: a group of positions, a head. */
export function isDetail(key: string): boolean {
  const { positions, isHead } = scorePart(key);
  return positions !== undefined || isHead;
}
