// Which operator forms a case relies on: they must be right before the case is measured.

import { hashJson } from "#base/json";
import { shapeOf } from "#case/shape";
import type { Case } from "#case/case";
import { isOfProgram } from "./outside.ts";
import type { GateItem, GateResult } from "./protocol.ts";

/** The operator form behind a case; none behind one that a program computes, which is judged by its timed calls. */
export function gateItemOf(item: Case): GateItem | undefined {
  if (isOfProgram(item)) return undefined;
  if (item.kind === "training") {
    const { mixer, width, heads } = item.model;
    return {
      spec: mixer.operator,
      strategy: "default",
      shape: shapeOf({ grid: gridFor(mixer.operator.scans ?? 1), H: heads, D: width / heads }),
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
