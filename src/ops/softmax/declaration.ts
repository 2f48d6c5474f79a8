// Softmax attention, as far as it needs no tensor library.

import { foreignField, gridMismatch } from "../grid.ts";
import type { OperatorDeclaration } from "../operator.ts";
import { softmaxInputShapes, softmaxWork } from "./cost.ts";
import { softmaxReference } from "./reference.ts";

export const softmax: OperatorDeclaration = {
  id: "softmax",
  title: "Softmax attention",
  strategies: ["materialised", "tiled", "fused"],
  inputShapes: (_spec, shape) => softmaxInputShapes(shape),
  impossible(spec, shape) {
    const foreign = foreignField(spec, ["scoreScale"]);
    return foreign === undefined ? gridMismatch(shape) : `softmax attention has no ${foreign}`;
  },
  work: softmaxWork,
  reference: softmaxReference,
  load: async () => (await import("./strategies.ts")).softmaxStrategies,
};
