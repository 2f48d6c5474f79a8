// Gates before claims: a model and recipe whose score others have published must first reach that score here. A gate that
// was not passed says that the training is at fault, and stops the claims made with it.

export interface CalibrationGate {
  readonly suite: string;
  /** whose score it is, for people: records of several versions name the model differently */
  readonly model: string;
  /** the axes of the case that is compared with the published run */
  readonly where: Readonly<Record<string, string | number>>;
  readonly score: string;
  readonly better: "higher" | "lower";
  readonly published: number;
  /** how much worse than published still passes */
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
    better: "lower",
    published: 1.88,
    tolerance: 0.05,
    source:
      "nanoGPT README.md, character model on a CPU: 4 layers, 128 channels, block 64, batch 12, 2000 iterations, dropout 0",
  },
];
