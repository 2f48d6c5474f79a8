// What the targets on a data-centre GPU are measured on: cases that belong to no suite, as other engines would take hours for them.

import { operatorCase } from "#catalogue/operator-case";
import type { Case, Precision, Scale } from "#case/case";
import { shapeOf, type ShapeOptions } from "#case/shape";
import { defineSuite } from "#case/suite";

export const TARGETS = "gpu-targets";

/** One global scan, then what it is set against: each form by its own kernel. */
export const SCANS = [
  "additive-global",
  "additive-causal",
  "vector-causal",
  "vector-2scan",
  "vector-2scan-fused-joint",
  "vector-4scan",
] as const;

export interface Sizes {
  /** two dimensions, as four scans need */
  readonly scans: ShapeOptions;
  readonly batch: ShapeOptions;
  readonly attention: readonly ShapeOptions[];
}

export const ON_A_GPU: Sizes = {
  scans: { grid: [256, 256], H: 8, D: 128 },
  batch: { grid: [32768], B: 12, H: 12, D: 128 },
  attention: [4096, 16384].map((N) => ({ grid: [N], H: 8, D: 128 })),
};
/** The same steps where nothing is to be learned from the times. */
const ON_AN_EMULATED_ONE: Sizes = {
  scans: { grid: [4, 4], H: 1, D: 4 },
  batch: { grid: [16], B: 2, H: 1, D: 4 },
  attention: [{ grid: [16], H: 1, D: 4 }],
};

/** Its cases, of scale smoke on an emulated GPU. */
export function targetCases(scale: Scale): readonly Case[] {
  return gpuTargets.cases({ scale, engine: "webgpu", datasets: [] });
}

export const gpuTargets = defineSuite({
  id: TARGETS,
  title: "Targets on a data-centre GPU",
  question:
    "Do the fused kernels come within twice of what the same GPU allows, and what does one global scan cost beside any scan of a decay?",
  kind: "operator",
  processes: { smoke: 1, small: 3, paper: 3 },
  figures: [],
  cases: (context) => {
    const sizes = context.scale === "smoke" ? ON_AN_EMULATED_ONE : ON_A_GPU;
    const forward = (contender: string, shape: ShapeOptions, precision: Precision = "float32") =>
      operatorCase(context, { suite: TARGETS, contender, shape: shapeOf(shape), pass: "forward", precision });
    return [
      ...SCANS.map((contender) => forward(contender, sizes.scans)),
      forward("additive-global", sizes.batch),
      forward("additive-global", sizes.scans, "float16"),
      ...sizes.attention.map((shape) => forward("softmax-full", shape)),
    ];
  },
});
