// The ways of computing the operator on tensors, and which one suits an engine.

import type { RunningEngine } from "#engine/engine";
import type { InputName, OperatorStrategies, Strategy } from "../operator.ts";
import type { OperatorSpec, Shape } from "#case/case";
import type { CausalScan } from "./causal-scan.ts";
import { chunkedScan } from "./chunked.ts";
import { decoder } from "./decoder.ts";
import { runDirections, runTwoWay } from "./directions.ts";
import { withFeatures } from "./features.ts";
import { fusedHalf, runFused, runFusedTwoWay } from "./fused.ts";
import { globalSum } from "./global.ts";
import { jointScan } from "./joint.ts";
import { sequentialScan } from "./sequential.ts";
import type { Centring } from "./tile-vector.ts";
import { CHUNK } from "./work.ts";

/** Steps of the sequential strategy keep every state for the backward pass. */
const SEQUENTIAL_TOKENS = 4096;
/** Tokens up to which N×N products are of use. */
const PARALLEL_TOKENS = 2048;

const sequential: Strategy = {
  id: "sequential",
  unsupported: (spec, shape, _engine, inputs) =>
    orderedOnly(spec, inputs) ??
    (shape.N > SEQUENTIAL_TOKENS
      ? `sequential keeps a state for each token: at most ${SEQUENTIAL_TOKENS}, got ${shape.N}`
      : undefined),
  run: (inputs, spec, shape) => runDirections(inputs, spec, shape, sequentialScan),
};

const parallel: Strategy = {
  id: "parallel",
  unsupported: (spec, shape, _engine, inputs) =>
    orderedOnly(spec, inputs) ??
    (shape.N > PARALLEL_TOKENS
      ? `parallel forms N×N tiles: at most ${PARALLEL_TOKENS} tokens, got ${shape.N}`
      : undefined),
  run: (inputs, spec, shape, engine) => runDirections(inputs, spec, shape, wholeSequence(shape, engine)),
};

const chunked: Strategy = {
  id: "chunked",
  unsupported: (spec, _shape, _engine, inputs) => orderedOnly(spec, inputs),
  run: (inputs, spec, shape, engine) =>
    runDirections(inputs, spec, shape, chunkedScan({ chunk: CHUNK, centring: centringOn(engine) })),
};

const globalForm: Strategy = {
  id: "global",
  unsupported: (spec) => (isGlobal(spec) ? undefined : "only the form without decay that sees all tokens has no order"),
  run: (inputs, spec, shape) => runDirections(inputs, spec, shape, globalSum),
};

const joint: Strategy = {
  id: "joint",
  unsupported: (spec, _shape, _engine, inputs) => twoSharedDirections(spec, inputs),
  run: (inputs, spec, shape, engine) =>
    runTwoWay(inputs, spec, shape, jointScan({ chunk: CHUNK, centring: centringOn(engine) })),
};

const fused: Strategy = {
  id: "fused",
  unsupported: (spec, _shape, { id, kernels }, inputs) =>
    orderedOnly(spec, inputs) ??
    (kernels.decayScan === undefined ? `engine ${id} has no scan kernel of its own` : undefined),
  run: (inputs, spec, shape, engine) => runFused(inputs, spec, shape, engine.kernels.decayScan!),
  half: fusedHalf,
};

const fusedJoint: Strategy = {
  id: "fused-joint",
  unsupported: (spec, _shape, { id, kernels }, inputs) =>
    twoSharedDirections(spec, inputs) ??
    (kernels.twoWayScan === undefined ? `engine ${id} has no kernel of its own for two directions` : undefined),
  run: (inputs, spec, shape, engine) => runFusedTwoWay(inputs, spec, shape, engine.kernels.twoWayScan!),
};

/** Any strategy on features: they are formed before, and the strategy sees none. */
function onFeatures(strategy: Strategy): Strategy {
  return {
    ...strategy,
    unsupported: (spec, shape, engine, inputs) =>
      spec.normalised === true && inputs.includes("initialState")
        ? "a state from earlier tokens has no denominator"
        : strategy.unsupported(spec, shape, engine, inputs),
    run: (inputs, spec, shape, engine) => {
      const outputs = strategy.run(withFeatures(inputs, spec), spec, shape, engine);
      return spec.normalised === true ? { out: outputs.out } : outputs;
    },
  };
}

export const strategies: OperatorStrategies = {
  strategies: [sequential, parallel, chunked, globalForm, joint, fused, fusedJoint].map(onFeatures),
  choose,
  decoder,
};

/** The engine's own kernel where there is one: on wasm 10 to 25 times as fast as tiles (N 2048, D 64, forward), two passes included. */
function choose(spec: OperatorSpec, _shape: Shape, { kernels }: RunningEngine): string {
  if (isGlobal(spec)) return "global";
  return kernels.decayScan === undefined ? "chunked" : "fused";
}

function twoSharedDirections(spec: OperatorSpec, inputs: readonly InputName[]): string | undefined {
  if (spec.causal || spec.scans !== 2 || (spec.layout ?? "parallel") !== "parallel")
    return "joint computes two parallel directions";
  if ((spec.sharing ?? "all") !== "all") return "joint reads q, k, v and the decay once: they must be shared";
  return orderedOnly(spec, inputs);
}

function isGlobal(spec: OperatorSpec): boolean {
  return !spec.causal && (spec.decay ?? "none") === "none";
}

function orderedOnly(spec: OperatorSpec, inputs: readonly InputName[]): string | undefined {
  if (isGlobal(spec)) return "without decay and order there is nothing to scan: use global";
  if (inputs.includes("initialState") && !spec.causal) return "an initial state belongs to a causal form";
  return undefined;
}

/** Looking at values waits for the device: free where tensors live in this process, a stall on a GPU. */
function centringOn(engine: RunningEngine): Centring {
  return engine.device.kind === "cpu" ? "in-range" : "never";
}

function wholeSequence({ N }: Shape, engine: RunningEngine): CausalScan {
  return chunkedScan({ chunk: 2 ** Math.ceil(Math.log2(N)), centring: centringOn(engine) });
}
