// What the paper claims, as data: a sentence, the suite that tests it, the statistic, and what would
// refute it, written down before any run. Claims that no run of ours can test say why.

export interface Claim {
  readonly id: string;
  /** an assertion, so that "holds" and "fails" can be said of it */
  readonly title: string;
  readonly sentence: string;
  readonly suites: readonly string[];
  readonly statistic: string;
  readonly holdsIf: string;
  readonly refutedIf: string;
  readonly origin: "paper" | "reviews" | "harness";
}

export interface UntestableClaim {
  readonly id: string;
  readonly sentence: string;
  readonly reason: string;
}

/** Thresholds of the claims, in one place; the texts below name the same numbers. */
export const CLAIM_LIMITS = {
  /** C1: speed-up of one scan over a rival that sees all tokens */
  speedUpHolds: 1.1,
  speedUpRefuted: 1.05,
  speedUpLeastN: 1024,
  /** C2: slope of log T against the number of dimensions */
  dimensionSlope: 0.05,
  /** C5: slope of log(1 − λ) against log t that is told apart from a running average's −1 */
  saturationSlope: -0.9,
  /** C6: accuracy above chance on the direction task; C11: above what a form reaches at most that is blind to mirroring */
  directionAboveChance: 0.1,
  blindToMirroring: 0.5,
  /** C7: exponent of T against N */
  exponentLow: 0.95,
  exponentHigh: 1.05,
  exponentLeastN: 1024,
  /** C8: exponent of the time per token against context length */
  decodeSlope: 0.05,
} as const;

export const CLAIMS: readonly Claim[] = [
  {
    id: "C1",
    title: "One scan is faster",
    sentence:
      "A LightNet token mixer, which scans once, is faster than the fastest multiplicative recurrence that sees all tokens, however its directions are arranged.",
    suites: ["scan-count"],
    statistic:
      "T(fastest rival) / T(global additive), mixer layer, N ≥ 1024; rivals: every decay and every arrangement of two or more directions (parallel, joint, divided over heads, alternating by layer); beside it the fastest whose every layer sees all tokens, and for vector decay what the ratio is made of",
    holdsIf: "the 95 % interval lies above 1.10",
    refutedIf: "the 95 % interval lies below 1.05",
    origin: "paper",
  },
  {
    id: "C2",
    title: "Cost does not depend on the dimension",
    sentence:
      "The time of one additive scan depends on the number of tokens alone, not on the number of dimensions of the data.",
    suites: ["scan-count"],
    statistic: "slope of log T(global additive) against the number of dimensions m, at fixed N",
    holdsIf: "the 95 % interval lies within ±0.05",
    refutedIf: "the 95 % interval lies outside ±0.05",
    origin: "paper",
  },
  {
    id: "C3",
    title: "After equal training not worse than the best multiplicative rival",
    sentence: "After as many steps, at equal parameters, LightNet is not worse than the best multiplicative rival.",
    suites: ["image-classification", "image-generation", "bidirectional-lm", "autoregressive-lm"],
    statistic:
      "score of LightNet minus score of the best multiplicative rival of equal parameters (within 2 %), paired by seed; margins 0.5 points of accuracy, 0.02 nats, 2 % of denoising error; not decidable on a task where neither beats the simple baseline",
    holdsIf: "with at least 7 seeds the one-sided 95 % limit lies above −margin, on every task",
    refutedIf: "with at least 7 seeds the one-sided 95 % limit of the other side lies below −margin, on any task",
    origin: "paper",
  },
  {
    id: "C4",
    title: "The gain is from the decay, not from MD-TPE",
    sentence: "LightNet's advantage comes from the additive decay and not from the local mixing of MD-TPE.",
    suites: ["local-mixing"],
    statistic:
      "two-way layout of mixer and local mixing, paired by seed: accuracy of LightNet minus that of plain linear attention without local mixing, the same with MD-TPE, and the interaction, which is their difference",
    holdsIf: "with at least 7 seeds the 95 % interval of the effect without local mixing lies above 0",
    refutedIf:
      "with at least 7 seeds that interval lies below 0, or the interaction's interval lies above 0 while that one does not: the gain needs MD-TPE",
    origin: "reviews",
  },
  {
    id: "C5",
    title: "The learned decay keeps more than a running average",
    sentence: "On long sequences the learned additive decay keeps more than a plain running average.",
    suites: ["saturation"],
    statistic:
      "slope of log(1 − λ_t) against log t in trained causal layers, mean over layers and heads (−1 a plain running average, 0 a multiplicative decay), beside the same before training and the loss early and late in the sequence",
    holdsIf: "with at least 7 seeds the 95 % interval lies above −0.9",
    refutedIf: "with at least 7 seeds the 95 % interval lies below −0.9: no more than a running average",
    origin: "reviews",
  },
  {
    id: "C6",
    title: "MD-TPE carries direction",
    sentence: "With MD-TPE, and no other encoding, LightNet tells eight directions of motion apart.",
    suites: ["direction-task"],
    statistic:
      "accuracy on the direction task minus chance, with MD-TPE and no relative encoding, interval over seeds and test items",
    holdsIf: "with at least 7 seeds the 95 % interval lies at least 10 points above chance",
    refutedIf: "with at least 7 seeds the 95 % interval lies below 10 points above chance",
    origin: "paper",
  },
  {
    id: "C7",
    title: "Linear in the number of tokens",
    sentence: "The time of the additive operator grows linearly with the number of tokens.",
    suites: ["kernel-forward", "kernel-backward"],
    statistic: "exponent of time against N, for N ≥ 1024",
    holdsIf: "the 95 % interval lies within [0.95, 1.05]",
    refutedIf: "the 95 % interval lies outside [0.95, 1.05]",
    origin: "paper",
  },
  {
    id: "C8",
    title: "Decoding time is flat",
    sentence: "The time to decode one token does not depend on the length of the context.",
    suites: ["decode"],
    statistic: "exponent of the time per token against context length, causal additive",
    holdsIf: "the 95 % interval lies within ±0.05",
    refutedIf: "the 95 % interval lies above 0.05",
    origin: "harness",
  },
  {
    id: "C9",
    title: "The speed comes from additivity, not only from freedom of order",
    sentence:
      "The speed-up of LightNet over a two-direction rival comes from additivity and not only from being free of order.",
    suites: ["scan-count"],
    statistic:
      "T(plain linear attention, global) / T(global additive), beside T(vector decay, two directions) / T(global additive)",
    holdsIf: "the 95 % interval of the first ratio lies above 1.05",
    refutedIf: "the 95 % interval of the first ratio lies below 1.05: an order-free form without decay is as fast",
    origin: "reviews",
  },
  {
    id: "C10",
    title: "At equal seconds not worse than the best multiplicative rival",
    sentence:
      "Trained for as many seconds, at equal parameters, LightNet is not worse than the best multiplicative rival.",
    suites: ["image-classification", "image-generation", "bidirectional-lm", "autoregressive-lm"],
    statistic:
      "as C3, but the rival is trained for steps × t(LightNet) / t(rival) on a whole schedule of its own, t the seconds of a training step from suite step-times",
    holdsIf: "with at least 7 seeds the one-sided 95 % limit lies above −margin, on every task",
    refutedIf: "with at least 7 seeds the one-sided 95 % limit of the other side lies below −margin, on any task",
    origin: "paper",
  },
  {
    id: "C11",
    title: "MD-LRPE carries direction without MD-TPE",
    sentence:
      "With MD-LRPE as the authors' layer has it (rotating), and without local mixing, LightNet tells a motion from its reverse.",
    suites: ["direction-task"],
    statistic:
      "accuracy on the direction task without local mixing minus 50 %, which is the most that a form blind to mirroring reaches; the cosine form stands beside it",
    holdsIf: "with at least 7 seeds the 95 % interval lies at least 10 points above 50 %",
    refutedIf: "with at least 7 seeds the 95 % interval lies below 10 points above 50 %",
    origin: "paper",
  },
];

/** Claims of the paper that need data, budgets or models which no run of this harness has. */
export const UNTESTABLE_CLAIMS: readonly UntestableClaim[] = [
  {
    id: "P1",
    sentence: "ImageNet-1k top-1 accuracy of LightNet-T, -S and -B.",
    reason: "needs ImageNet-1k and 300 epochs on several GPUs",
  },
  {
    id: "P2",
    sentence: "The lowest FID-50K among the compared generators.",
    reason: "needs ImageNet at 256 px, 400K steps, a decoder of latents and the weights of the Inception network",
  },
  {
    id: "P3",
    sentence: "The GLUE average after 24 hours on one GPU.",
    reason: "needs the pre-training corpus, 24 hours of one GPU and the GLUE tasks",
  },
  {
    id: "P4",
    sentence: "Matches Mamba as an autoregressive language model at 1B parameters.",
    reason: "needs models of 1B parameters and their training data",
  },
];
