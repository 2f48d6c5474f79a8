// What the paper claims, as data: a sentence, the suite that tests it, the statistic, and what would
// refute it, written down before any run. Claims that no run of ours can test say why.

export interface Claim {
  readonly id: string;
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
  /** C1: speed-up of one scan over two directions */
  speedUpHolds: 1.1,
  speedUpRefuted: 1.05,
  speedUpLeastN: 1024,
  /** C2: slope of log T against the number of dimensions */
  dimensionSlope: 0.05,
  /** C5: slope of log(1 − λ) against log t that is told apart from a running average's −1 */
  saturationSlope: -0.9,
  /** C6: accuracy above chance on the direction task */
  directionAboveChance: 0.1,
  /** C7: exponent of T against N */
  exponentLow: 0.95,
  exponentHigh: 1.05,
  exponentLeastN: 4096,
  /** C8: exponent of the time per token against context length */
  decodeSlope: 0.05,
} as const;

export const CLAIMS: readonly Claim[] = [
  {
    id: "C1",
    title: "One scan is faster",
    sentence:
      "A LightNet token mixer, which scans once, is faster than the best multiplicative recurrence with two directions.",
    suites: ["scan-count"],
    statistic:
      "T(two directions, the faster of joint and two passes) / T(global additive), mixer layer, N ≥ 1024; beside it, for vector decay, what it is made of: number of scans × freedom of order × additivity",
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
    title: "Not worse than the best multiplicative rival",
    sentence: "At equal parameters, and at equal seconds, LightNet is not worse than the best multiplicative rival.",
    suites: ["image-classification", "image-generation", "bidirectional-lm", "autoregressive-lm"],
    statistic:
      "score of LightNet minus score of the best multiplicative rival of equal parameters (within 2 %), paired by seed; margins 0.5 points of accuracy, 0.02 nats, 2 % of denoising error. At equal seconds: at the smaller of the two training times, the slower run's test curve interpolated linearly in elapsed seconds between its evaluations",
    holdsIf:
      "with at least 7 seeds the one-sided 95 % limit lies above −margin after equal training and at equal seconds, on every task",
    refutedIf:
      "with at least 7 seeds the one-sided 95 % limit of the other side lies below −margin in either, on any task",
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
    title: "Saturation",
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
    title: "The encodings carry position",
    sentence: "With MD-LRPE and MD-TPE a model without order of its own tells directions apart.",
    suites: ["direction-task"],
    statistic: "accuracy on the direction task minus chance, interval over seeds and test items",
    holdsIf: "with at least 7 seeds the 95 % interval lies at least 10 points above chance",
    refutedIf: "with at least 7 seeds the 95 % interval lies below 10 points above chance",
    origin: "paper",
  },
  {
    id: "C7",
    title: "Linear in the number of tokens",
    sentence: "The time of the additive operator grows linearly with the number of tokens.",
    suites: ["kernel-forward", "kernel-backward"],
    statistic: "exponent of time against N, for N ≥ 4096",
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
    title: "Additivity or order-freeness",
    sentence:
      "The speed-up of LightNet over a two-direction rival comes from additivity and not only from being free of order.",
    suites: ["scan-count"],
    statistic:
      "T(plain linear attention, global) / T(global additive), beside T(vector decay, two directions) / T(global additive)",
    holdsIf: "the 95 % interval of the first ratio lies above 1.05",
    refutedIf: "the 95 % interval of the first ratio lies below 1.05: an order-free form without decay is as fast",
    origin: "reviews",
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
