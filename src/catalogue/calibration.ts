// Gates before claims: a model and recipe whose score others have published must first give that score here, no worse
// and no better than its tolerance. A gate that was not passed says that the set-up is another one, and stops the claims made with it.

export interface CalibrationGate {
  readonly suite: string;
  /** whose score it is, for people: records of several versions name the model differently */
  readonly model: string;
  /** the axes of the case that is compared with the published run */
  readonly where: Readonly<Record<string, string | number>>;
  readonly score: string;
  readonly published: number;
  /** how far from published still passes, to either side: much better is as little explained as much worse */
  readonly tolerance: number;
  readonly source: string;
}

export const CALIBRATION_GATES: readonly CalibrationGate[] = [
  {
    suite: "autoregressive-lm",
    model: "softmax attention with learned positions",
    where: {
      op: "softmax",
      encoding: "learned",
      dataset: "tinyshakespeare",
      variant: "lm-mini",
      steps: 2000,
    },
    score: "loss",
    published: 1.88,
    tolerance: 0.05,
    source:
      "nanoGPT README.md, character model on a CPU: 4 layers, 128 channels, block 64, batch 12, 2000 iterations, dropout 0",
  },
];
