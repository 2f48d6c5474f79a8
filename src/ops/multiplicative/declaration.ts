// Linear recurrences with multiplicative decay: s_t = diag(λ_t) s_{t−1} + k_t v_tᵀ, o_t = s_tᵀ q_t.

import type { OperatorDeclaration } from "../operator.ts";
import type { OperatorSpec, Shape } from "#case/case";
import { reference } from "./reference.ts";
import { possibleScans, unsharedInputs } from "./scan-orders.ts";
import { work } from "./work.ts";

export const multiplicative: OperatorDeclaration = {
  id: "multiplicative",
  title: "Linear attention with multiplicative decay",
  strategies: ["sequential", "parallel", "chunked", "global", "joint", "fused", "fused-joint"],
  inputShapes,
  impossible,
  work,
  reference,
  load: async () => (await import("./strategies.ts")).strategies,
};

function inputShapes(spec: OperatorSpec, shape: Shape) {
  const { B, H, N, D, E } = shape;
  const decays = { none: undefined, constant: [H], scalar: [B, H, N], vector: [B, H, N, D] };
  const logDecay = decays[spec.decay ?? "none"];
  const unshared: readonly string[] = unsharedInputs(spec);
  const own = (name: string, dims: readonly number[]) => (unshared.includes(name) ? [spec.scans ?? 1, ...dims] : dims);
  return {
    q: own("q", [B, H, N, D]),
    ...(spec.tiedKey === true ? {} : { k: own("k", [B, H, N, D]) }),
    v: own("v", [B, H, N, E]),
    ...(logDecay === undefined ? {} : { logDecay: own("logDecay", logDecay) }),
  };
}

/** The rule that a spec breaks on this shape, in the order a reader would look for it. */
function impossible(spec: OperatorSpec, shape: Shape): string | undefined {
  const { decay = "none", scans = 1, layout = "parallel" } = spec;
  const cells = shape.grid.reduce((product, axis) => product * axis, 1);
  const possible = possibleScans(shape.grid.length);
  const rules: readonly (readonly [broken: boolean, rule: string])[] = [
    [shape.N !== shape.prefix + cells, `N = prefix + product of the grid (${shape.prefix} + ${cells}), got ${shape.N}`],
    [spec.op !== "multiplicative", `the operator is multiplicative, got ${spec.op}`],
    [
      spec.explicitKey !== undefined || spec.initialLse !== undefined,
      "explicitKey and initialLse belong to the additive operator",
    ],
    [spec.scoreScale !== undefined, "scoreScale belongs to softmax"],
    [spec.tiedKey === true && decay !== "vector", `a tied key 1 − λ needs a vector decay, got ${decay}`],
    [
      spec.feature !== undefined && decay !== "none",
      `feature maps belong to the form without decay, got decay ${decay}`,
    ],
    [
      spec.normalised === true && (spec.feature === undefined || spec.feature === "identity"),
      "a denominator needs a feature map that is never negative: relu, elu+1 or exp",
    ],
    [spec.normalised === true && spec.causal, "a denominator belongs to the form that sees all tokens"],
    [spec.causal && scans !== 1, `a causal form has one scan, got ${scans}`],
    [decay === "none" && scans !== 1, `without decay every order gives the same sum: one scan, got ${scans}`],
    [
      !possible.includes(scans),
      `a grid of ${shape.grid.length} dimensions has ${possible.join(", ")} scans, got ${scans}`,
    ],
    [layout !== "parallel" && scans === 1, `layout ${layout} needs several scans`],
    [
      layout === "head-split" && shape.H % scans !== 0,
      `head-split needs heads divisible by the ${scans} scans, got ${shape.H}`,
    ],
    [spec.direction !== undefined && layout !== "alternate", "only layout alternate names a direction"],
    [(spec.direction ?? 0) >= scans, `direction is below the number of scans (${scans}), got ${spec.direction}`],
    [
      (spec.sharing ?? "all") !== "all" && (layout !== "parallel" || scans === 1),
      "inputs of their own need several parallel scans",
    ],
    [
      spec.currentToken === "once" && (layout !== "parallel" || scans === 1),
      "currentToken is a choice of several parallel scans",
    ],
    [spec.merge === "mean" && (layout !== "parallel" || scans === 1), "merge is a choice of several parallel scans"],
    [
      spec.tiedKey === true && spec.sharing === "k+decay",
      "a tied key has no key of its own to share: use sharing decay",
    ],
  ];
  return rules.find(([broken]) => broken)?.[1];
}
