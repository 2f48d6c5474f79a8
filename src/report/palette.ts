// One colour and one marker per contender, the same in every figure: colour tells the family and the
// decay, the marker the number of scans, the dash how the scans are laid out or what they share. The colours are those of
// Okabe and Ito (2008) and of Tol's muted scheme, distinguishable with any common colour blindness;
// each has a lighter twin for a dark ground.

import type { FeatureMap, OperatorSpec } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { implementationOf } from "#catalogue/implementation";
import { models, SUBJECT_IDS } from "#catalogue/models";
import { modelIdOf } from "#catalogue/shown";
import type { Result } from "#evidence/result";

export interface Ink {
  readonly light: string;
  readonly dark: string;
}

export interface SeriesStyle {
  readonly ink: Ink;
  readonly marker: "circle" | "rect" | "rectRounded" | "rectRot" | "triangle" | "star" | "cross" | "crossRot";
  readonly dash: readonly number[];
  /** width of the line; the subject of the paper is drawn heavier */
  readonly width: number;
}

/** Operators that have one colour whatever their form. */
const OPERATOR_INKS = {
  additive: { light: "#d55e00", dark: "#ff8a3d" },
  softmax: { light: "#3c3c3c", dark: "#d0d0d0" },
  "efficient-attention": { light: "#b58900", dark: "#e6c04a" },
} as const satisfies Record<string, Ink>;

const OPERATOR_MARKERS = { softmax: "triangle", "efficient-attention": "rectRot" } as const;

const ORDER_FREE_INK: Ink = { light: "#009e73", dark: "#2fc79b" };

const DECAY_INKS = {
  none: { light: "#117733", dark: "#7fcf8f" },
  constant: { light: "#3a9fd8", dark: "#7cc7f0" },
  scalar: { light: "#0072b2", dark: "#4aa3df" },
  vector: { light: "#aa4499", dark: "#dd88cc" },
  tied: { light: "#882255", dark: "#d4749c" },
} as const satisfies Record<string, Ink>;

/** Feature maps of plain linear attention. */
const FEATURE_INKS: Readonly<Record<FeatureMap, Ink>> = {
  identity: { light: "#999933", dark: "#d1d174" },
  relu: { light: "#332288", dark: "#9a8be0" },
  "elu+1": { light: "#44aa99", dark: "#86dccb" },
  exp: { light: "#cc6677", dark: "#f09aa8" },
};

const FEATURE_MARKERS = {
  identity: "circle",
  relu: "triangle",
  "elu+1": "rect",
  exp: "rectRot",
} as const satisfies Record<FeatureMap, SeriesStyle["marker"]>;

const SPARE_INKS: readonly Ink[] = [
  { light: "#332288", dark: "#9a8be0" },
  { light: "#999933", dark: "#d1d174" },
  { light: "#cc6677", dark: "#f09aa8" },
  { light: "#44aa99", dark: "#86dccb" },
];

/** Ink of text, grid and marks; the page replaces it by its own. */
export const GROUND_INK = { text: "#1a1a1a", quiet: "#4d4d4d", grid: "#e3e3e3", mark: "#8a8a8a" } as const;

/** How a contender is drawn; contenders that the list does not know get a spare colour by their name. */
export function styleOf(contender: string): SeriesStyle {
  const known = contenders.has(contender) ? contenders.get(contender) : asContender(contender);
  if (known === undefined) {
    const sum = [...contender].reduce((total, letter) => total + letter.codePointAt(0)!, 0);
    return { ink: SPARE_INKS[sum % SPARE_INKS.length]!, marker: "circle", dash: [], width: 2 };
  }
  const { spec, strategy } = known;
  return {
    ink: inkOf(spec),
    marker: markerOf(spec, strategy),
    dash: dashOf(spec),
    width: contender === SUBJECT_IDS[0] || contender === SUBJECT_IDS[1] ? 3 : 2,
  };
}

/** Whether a contender or a model is LightNet's. */
export function isSubject(contender: string): boolean {
  return SUBJECT_IDS.some((id) => id === contender);
}

/** Label of a contender: from the lists of operators and models, else its id. */
export function labelOf(contender: string): string {
  if (contenders.has(contender)) return contenders.get(contender).label;
  return models.has(contender) ? models.get(contender).label : contender;
}

/** Label of what was trained: some models share their id with an operator. */
export function modelLabelOf(id: string): string {
  return models.has(id) ? models.get(id).label : labelOf(id);
}

/** `PyTorch, eager`; one of two versions with its folder: `my attention @before`. undefined for what is ours. */
export function programLabelOf({ contender, program }: Pick<Result, "contender" | "program">): string | undefined {
  const { program: name } = implementationOf(contender);
  if (name === undefined || program?.label === undefined) return name;
  const [, folder] = name.split("@");
  return folder === undefined ? program.label : `${program.label} @${folder}`;
}

/** Label of a result: its contender's; of a program from outside with the label of its operator or model. */
export function labelOfResult(result: Pick<Result, "contender" | "program" | "case">): string {
  const program = programLabelOf(result);
  const own = implementedLabelOf(result);
  return program === undefined ? own : `${program}: ${own}`;
}

/** Label of the operator or model that a result is of, whoever computed it. */
export function implementedLabelOf({ contender, case: item }: Pick<Result, "contender" | "case">): string {
  const { of } = implementationOf(contender);
  // a run from before models had names trained operators under their ids
  const isModel = (item.kind === "training" || item.kind === "train-step") && modelIdOf(item) !== undefined;
  return isModel ? modelLabelOf(of) : labelOf(of);
}

/** A model is drawn as its operator is. */
function asContender(id: string): { readonly spec: OperatorSpec; readonly strategy: string } | undefined {
  return models.has(id) ? { spec: models.get(id).mixer.operator, strategy: "default" } : undefined;
}

function inkOf({ op, causal, decay = "none", tiedKey = false, feature }: OperatorSpec): Ink {
  if (op in OPERATOR_INKS) return OPERATOR_INKS[op as keyof typeof OPERATOR_INKS];
  if (tiedKey) return DECAY_INKS.tied;
  if (feature !== undefined) return FEATURE_INKS[feature];
  return decay === "none" && !causal ? ORDER_FREE_INK : DECAY_INKS[decay];
}

function markerOf(spec: OperatorSpec, strategy: string): SeriesStyle["marker"] {
  if (strategy === "joint") return "crossRot";
  if (strategy === "materialised") return "cross";
  if (spec.op in OPERATOR_MARKERS) return OPERATOR_MARKERS[spec.op as keyof typeof OPERATOR_MARKERS];
  if (spec.causal) return "rectRounded";
  if (spec.feature !== undefined) return FEATURE_MARKERS[spec.feature];
  if (spec.decay !== undefined && spec.decay !== "none") {
    const byScans = { 1: "rect", 2: "rectRot", 4: "triangle", 6: "star" } as const;
    return byScans[(spec.scans ?? 1) as keyof typeof byScans] ?? "rect";
  }
  return "circle";
}

function dashOf(spec: OperatorSpec): readonly number[] {
  if (spec.normalised === true) return [3, 3];
  if (spec.layout === "head-split") return [8, 4];
  if (spec.layout === "alternate") return [2, 3];
  if (spec.sharing !== undefined) return SHARING_DASHES[spec.sharing];
  if (spec.merge === "mean") return [1, 3];
  return spec.causal ? [5, 3] : [];
}

/** The fewer weights directions share, the shorter the dashes. */
const SHARING_DASHES: Readonly<Record<NonNullable<OperatorSpec["sharing"]>, readonly number[]>> = {
  all: [],
  decay: [12, 3],
  "k+decay": [7, 3, 2, 3],
  none: [4, 3],
};
