// Which operator forms a case relies on: they must be right before the case is measured.

import { hashJson } from "#base/json";
import { shapeOf } from "#case/shape";
import type { Case, ModelSpec } from "#case/case";
import { isOfProgram } from "./outside.ts";
import type { GateItem, GateResult } from "./protocol.ts";

/** The operator form behind a case, and of a training its whole layer; none behind one that a program computes, which is judged by its timed calls. */
export function gateItemOf(item: Case): GateItem | undefined {
  if (isOfProgram(item)) return undefined;
  if (item.kind === "training") {
    const { mixer, width, heads } = item.model;
    return {
      spec: mixer.operator,
      strategy: "default",
      shape: shapeOf({ grid: gridFor(mixer.operator.scans ?? 1), H: heads, D: width / heads }),
      ...(mixer.operator.op === "module" ? {} : { layer: layerOf(item.model) }),
    };
  }
  const stored = item.precision === "float16" ? { precision: item.precision } : {};
  return {
    spec: item.spec,
    strategy: item.kind === "operator" ? item.strategy : "default",
    shape: item.shape,
    ...stored,
  };
}

const MOST_HEADS = 4;
const MOST_HEAD_WIDTH = 16;
/** Few tokens, with one before those of an image: the definition looks at all pairs. */
const CHECKED_GRIDS: readonly (readonly number[])[] = [[19], [5, 4], [3, 2, 3]];

function layerOf({ mixer, localMixing, localMixingStart, width, heads, patch }: ModelSpec): GateItem["layer"] {
  const scans = mixer.operator.layout === "head-split" ? (mixer.operator.scans ?? 1) : 1;
  const fewer = Math.min(heads, MOST_HEADS * scans);
  const start = localMixingStart === undefined ? {} : { localMixingStart };
  return {
    mixer,
    localMixing,
    ...start,
    heads: fewer,
    width: fewer * Math.min(width / heads, MOST_HEAD_WIDTH),
    grid: [...CHECKED_GRIDS[(patch?.length ?? 1) - 1]!],
    prefix: patch === undefined ? 0 : 1,
  };
}

export function gateKey(item: GateItem): string {
  return hashJson(item);
}

/** What the check said of the form behind a case, where there is one. */
export function gateOf(item: Case, results: ReadonlyMap<string, GateResult>): GateResult | undefined {
  const behind = gateItemOf(item);
  return behind === undefined ? undefined : results.get(gateKey(behind));
}

/** A grid with enough axes for the scans; training tasks bring their own, larger ones. */
function gridFor(scans: number): number[] {
  return scans > 4 ? [8, 8, 8] : [16, 16];
}
