// Names of scores as people read them.

export interface ScoreName {
  readonly title: string;
  /** in [0, 1], printed in per cent */
  readonly isFraction: boolean;
}

const NAMES: Readonly<Record<string, ScoreName>> = {
  top1: { title: "test accuracy, top-1 (%)", isFraction: true },
  top5: { title: "test accuracy, top-5 (%)", isFraction: true },
  accuracy: { title: "test accuracy (%)", isFraction: true },
  mse: { title: "squared error of the predicted noise", isFraction: false },
  fdOwn: { title: "FD (own features)", isFraction: false },
  precisionOwn: { title: "precision (own features) (%)", isFraction: true },
  recallOwn: { title: "recall (own features) (%)", isFraction: true },
  loss: { title: "test loss (nats)", isFraction: false },
};

/** The name of a score, or of a part of it ("accuracy.items8"); a score nobody named keeps its key. */
export function scoreNameOf(key: string): ScoreName {
  const [whole, part] = key.split(".");
  const name = NAMES[whole!];
  if (name === undefined) return { title: key, isFraction: false };
  return part === undefined ? name : { ...name, title: `${name.title}, ${part}` };
}
