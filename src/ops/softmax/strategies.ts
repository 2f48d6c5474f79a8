// The strategies of softmax attention on the tensor engine.

import type { InputName, OperatorStrategies } from "../operator.ts";
import { TILE } from "./cost.ts";
import { softmaxDecoder } from "./decoder.ts";
import { fusedHalf, runFused } from "./fused.ts";
import { runMaterialised } from "./materialised.ts";
import { runTiled } from "./tiled.ts";

/** Bytes of the probabilities that `materialised` still takes on. */
const MATERIALISED_LIMIT = 2 ** 30;

function withoutInitialState(inputs: readonly InputName[]): string | undefined {
  return inputs.includes("initialState")
    ? "softmax attention resumes by its decoder's cache, not by a state"
    : undefined;
}

export const softmaxStrategies: OperatorStrategies = {
  strategies: [
    {
      id: "materialised",
      unsupported(_spec, { B, H, N }, _engine, inputs) {
        const bytes = 4 * B * H * N * N;
        return bytes > MATERIALISED_LIMIT
          ? `holds B·H·N² probabilities: ${bytes} bytes, at most ${MATERIALISED_LIMIT}`
          : withoutInitialState(inputs);
      },
      run: runMaterialised,
    },
    { id: "tiled", unsupported: (_spec, _shape, _engine, inputs) => withoutInitialState(inputs), run: runTiled },
    {
      id: "fused",
      unsupported: (_spec, _shape, { id, kernels }, inputs) =>
        kernels.attention === undefined
          ? `engine ${id} has no attention kernel of its own`
          : withoutInitialState(inputs),
      run: (inputs, spec, shape, { kernels }) => runFused(kernels.attention!)(inputs, spec, shape),
      half: fusedHalf,
    },
  ],
  choose(_spec, { N }, { kernels }) {
    if (kernels.attention !== undefined) return "fused";
    return N <= TILE ? "materialised" : "tiled";
  },
  decoder: softmaxDecoder,
};
