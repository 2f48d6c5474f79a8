// The strategies of the additive operator on the tensor engine.

import type { OperatorSpec } from "#case/case";
import type { InputName, OperatorStrategies, Strategy } from "../operator.ts";
import { runCausal, type CausalAlgorithm } from "./causal.ts";
import { chunkedAlgorithm } from "./chunked.ts";
import { additiveDecoder } from "./decoder.ts";
import { fused } from "./fused.ts";
import { runGlobal, runGlobalPairwise } from "./global.ts";
import { PARALLEL_LIMIT, parallelAlgorithm } from "./parallel.ts";
import { sequentialAlgorithm } from "./sequential.ts";

/** Above this the pairs no longer fit, whatever they would cost. */
const PAIRWISE_LIMIT = 4096;

/** `sequential` launches some thirty kernels a token: seconds at this length, and no more accurate than `chunked`. */
const SEQUENTIAL_LIMIT = 4096;

interface Limit {
  readonly longest: number;
  readonly because: string;
}

function causal(id: string, algorithm: CausalAlgorithm, limit?: Limit): Strategy {
  return {
    id,
    unsupported(spec, { N }) {
      if (!spec.causal) return "computes the causal form only";
      return limit !== undefined && N > limit.longest ? `${limit.because}: N ≤ ${limit.longest}, got ${N}` : undefined;
    },
    run: runCausal(algorithm),
  };
}

function globalOnly(spec: OperatorSpec, inputs: readonly InputName[]): string | undefined {
  if (spec.causal) return "computes the global form only";
  return inputs.includes("initialState") || inputs.includes("initialLse")
    ? "the global form has no initial state"
    : undefined;
}

const global: Strategy = {
  id: "global",
  unsupported: (spec, _shape, _engine, inputs) => globalOnly(spec, inputs),
  run: runGlobal,
};

const globalPairwise: Strategy = {
  id: "global-pairwise",
  unsupported(spec, { N }, _engine, inputs) {
    if (N > PAIRWISE_LIMIT) return `holds all pairs of tokens: N ≤ ${PAIRWISE_LIMIT}, got ${N}`;
    return globalOnly(spec, inputs);
  },
  run: runGlobalPairwise,
};

export const additiveStrategies: OperatorStrategies = {
  strategies: [
    causal("sequential", sequentialAlgorithm, {
      longest: SEQUENTIAL_LIMIT,
      because: "launches its kernels once a token",
    }),
    causal("parallel", parallelAlgorithm, {
      longest: PARALLEL_LIMIT,
      because: "holds all pairs of tokens and channels",
    }),
    causal("chunked", chunkedAlgorithm),
    global,
    globalPairwise,
    fused,
  ],
  choose(spec, { N, D, E }, { kernels }) {
    if ((spec.causal ? kernels.additiveCausal : kernels.additiveGlobal) !== undefined) return "fused";
    if (spec.causal) return "chunked";
    return N < (2 * D * E) / (D + E) ? "global-pairwise" : "global";
  },
  decoder: additiveDecoder,
};
