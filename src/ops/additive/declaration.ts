// The additive operator, as far as it needs no tensor library.

import { foreignField, gridMismatch } from "../grid.ts";
import type { OperatorDeclaration } from "../operator.ts";
import { additiveInputShapes, additiveWork } from "./cost.ts";
import { additiveReference } from "./reference.ts";

export const additive: OperatorDeclaration = {
  id: "additive",
  title: "Additive decay (LightNet)",
  strategies: ["sequential", "parallel", "chunked", "global", "global-pairwise", "fused"],
  inputShapes: additiveInputShapes,
  impossible(spec, shape) {
    if (spec.decay !== undefined)
      return `additive decay is a decay of its own: decay ${spec.decay} belongs to multiplicative`;
    if (spec.scans !== undefined && spec.scans !== 1)
      return `additive decay takes 1 scan in any dimension, not ${spec.scans}`;
    const foreign = foreignField(spec, ["explicitKey", "initialLse", "scans"]);
    if (foreign !== undefined) return `additive decay has no ${foreign}`;
    if (spec.initialLse !== undefined && !spec.causal)
      return "the global form has no first token: initialLse needs the causal form";
    return gridMismatch(shape);
  },
  work: additiveWork,
  reference: additiveReference,
  load: async () => (await import("./strategies.ts")).additiveStrategies,
};
