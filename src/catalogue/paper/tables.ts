// The paper's tables as declarations: what each one compares, the suites that fill our side of it, and
// how a score in a record becomes the table's metric.

import { Registry } from "#base/registry";
import { scores, type Score } from "../scores.ts";
import type { TableId } from "./value.ts";

export interface TableMetric {
  readonly id: string;
  readonly unit: Score["unit"];
  readonly better: "higher" | "lower";
  /** the score of ours that it is; absent: no suite of ours produces this metric */
  readonly score?: string;
  /** table value = factor · score (100 turns a fraction into per cent) */
  readonly factor: number;
  /** only rows of this task; default all */
  readonly task?: string;
}

export interface PaperTable {
  readonly id: TableId;
  readonly title: string;
  /** where the paper has it, as far as it is known */
  readonly place: string;
  readonly kind: "scores" | "speed";
  readonly metrics: readonly TableMetric[];
  /** suites whose records are our side, in order of preference */
  readonly suites: readonly string[];
  /** axes that tell our rows of this table apart, beside contender, data set and size */
  readonly factors: readonly string[];
  readonly note: string;
}

/** A metric of the paper that is a score of ours. */
function scored(id: string, score: string): TableMetric {
  const { unit, better = "higher" } = scores.get(score);
  return { id, unit, better, score, factor: unit === "%" ? 100 : 1 };
}

/** A metric of others' papers that no run here computes on their data. */
function publishedOnly(
  id: string,
  unit: TableMetric["unit"] = "",
  better: TableMetric["better"] = "higher",
): TableMetric {
  return { id, unit, better, factor: 1 };
}

const TOP_1 = scored("top-1", "top1");
const REDUCED =
  "Published numbers are of the full data set and training budget. Ours are of the scale printed beside them: only orderings and ratios within our own rows may be compared.";

export const paperTables = new Registry<PaperTable>("table", [
  {
    id: "image-classification",
    title: "Image classification",
    place: "Table 1",
    kind: "scores",
    metrics: [TOP_1, publishedOnly("top-5", "%")],
    suites: ["image-classification"],
    factors: [],
    note: REDUCED,
  },
  {
    id: "image-generation",
    title: "Image generation",
    place: "number not known",
    kind: "scores",
    metrics: [
      publishedOnly("FID-50K", "", "lower"),
      publishedOnly("sFID", "", "lower"),
      publishedOnly("IS"),
      publishedOnly("precision"),
      publishedOnly("recall"),
      publishedOnly("GFLOPs", "", "lower"),
      scored("denoising error", "mse"),
      scored("FD (own features)", "fdOwn"),
    ],
    suites: ["image-generation"],
    factors: [],
    note: `FID-50K of ImageNet at 256 px needs a full training run and a decoder of the latents: not computed here. Images in pixels have distances on Inception features with --inception-weights, in the table of all results. FD (own features) is taken between features of a classifier that the harness trains: it is another quantity, and never compared with FID. ${REDUCED}`,
  },
  {
    id: "bidirectional-lm",
    title: "Bidirectional language modelling",
    place: "number not known",
    kind: "scores",
    metrics: [
      { id: "GLUE average", unit: "", better: "higher", factor: 1 },
      scored("GLUE task", "official"),
      scored("masked-token loss", "loss"),
    ],
    suites: ["bidirectional-lm"],
    factors: [],
    note: `The GLUE average needs the 24-hour training budget and the GLUE tasks: not computed here. ${REDUCED}`,
  },
  {
    id: "autoregressive-lm",
    title: "Autoregressive language modelling",
    place: "number not known",
    kind: "scores",
    metrics: [
      scored("test PPL", "wordPerplexity"),
      { id: "validation PPL", unit: "", better: "lower", factor: 1 },
      scored("perplexity a token", "perplexity"),
      scored("loss", "loss"),
    ],
    suites: ["autoregressive-lm"],
    factors: [],
    note: REDUCED,
  },
  {
    id: "scan-speed",
    title: "Speed of one scan and of several",
    place: "Figure 2",
    kind: "speed",
    metrics: [{ id: "relative time", unit: "", better: "lower", factor: 1 }],
    suites: ["scan-count"],
    factors: ["level", "pass", "dims", "N"],
    note: "Relative time: time over the time of one additive scan at the same point, from the same processes and rounds. Times and FLOPs are of the mixer layer alone: forward and backward under training step, forward under evaluation. The setting of the paper's figure is unclear even to its reviewers.",
  },
  {
    id: "ablations",
    title: "Ablations: encodings, decay, sharing",
    place: "numbers not known",
    kind: "scores",
    metrics: [TOP_1, { ...scored("loss", "loss"), task: "autoregressive-lm" }],
    suites: [
      "encodings",
      "local-mixing",
      "feature-maps",
      "single-scan",
      "sharing",
      "direction-asymmetry",
      "saturation",
    ],
    factors: ["encoding", "localMixing", "tokenOrder"],
    note: "The paper ablates its encodings, the decay and a parameter sharing that it does not explain; none of its values could be found. The decay is ablated here by plain feature maps in its place and by multiplicative decays in one scan. Sharing is the harness's own reading: what two directions of a multiplicative scan have in common.",
  },
]);

/** @throws {UnknownNameError} with the nearest name and the list */
export function tableOf(id: string): PaperTable {
  return paperTables.get(id);
}
