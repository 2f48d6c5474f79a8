// What an operator is. Layouts: q, k, g and vector log decays [B,H,N,D]; v and out [B,H,N,E]; state [B,H,D,E];
// lse [B,H,D]. Inputs that directions do not share carry the directions first: [scans,B,H,N,D]. Of a product a [B,H,N,D],
// b [B,H,D,E].

import type { Bytes } from "#base/units";
import type * as tf from "#engine/tf";
import type { RunningEngine } from "#engine/engine";
import type { HalfKernels } from "#engine/kernels";
import type { OperatorSpec, Pass, Shape } from "#case/case";

export const INPUT_NAMES = ["q", "k", "v", "g", "logDecay", "a", "b", "mask", "initialState", "initialLse"] as const;
export type InputName = (typeof INPUT_NAMES)[number];

/** Inputs by name, as float64 arrays (references) or tensors (strategies). `mask` [B,N]: 1 visible, 0 padding. */
export type Inputs<T> = { readonly [Name in InputName]?: T };

/** `state` and `lse` are the causal operators' final ones, and the global form's sums. */
export interface Outputs<T> {
  readonly out: T;
  readonly state?: T;
  readonly lse?: T;
}

/** The definition: plain loops over float64, no tensor library. Slow on purpose; everything is tested against it. */
export interface Reference {
  forward(inputs: Inputs<Float64Array>, spec: OperatorSpec, shape: Shape): Outputs<Float64Array>;
  /** Gradient of Σ out · cotangent with respect to every differentiable input given. */
  backward(
    inputs: Inputs<Float64Array>,
    spec: OperatorSpec,
    shape: Shape,
    cotangent: Float64Array,
  ): Inputs<Float64Array>;
}

/** One way of computing an operator on the tensor engine. Differentiable through tfjs. */
export interface Strategy {
  readonly id: string;
  /** undefined when it can do this, else the reason why not */
  unsupported(
    spec: OperatorSpec,
    shape: Shape,
    engine: RunningEngine,
    inputs: readonly InputName[],
  ): string | undefined;
  run(inputs: Inputs<tf.Tensor>, spec: OperatorSpec, shape: Shape, engine: RunningEngine): Outputs<tf.Tensor>;
  readonly half?: HalfForm;
}

/** A strategy on numbers stored as float16 (see `HalfKernels`). tfjs takes no gradients of its int32: they are asked for, not recorded on a tape. */
export interface HalfForm {
  /** like a strategy's; called where the strategy itself can do it and the engine stores halves */
  unsupported(spec: OperatorSpec, inputs: readonly InputName[], kernels: HalfKernels): string | undefined;
  /** @param inputs as `toHalfInputs` makes them */
  run(inputs: Inputs<tf.Tensor>, spec: OperatorSpec, shape: Shape, kernels: HalfKernels): HalfResult;
}

export interface HalfResult {
  readonly out: tf.Tensor; // int32 [B,H,N,E/2]
  /**
   * Gradients of Σ out · cotangent by every input, in the shape and storage of the input; for as long as the inputs and what
   * `run` has made are there (in the same tidy).
   *
   * @param cotangent int32 [B,H,N,E/2]
   */
  backward(cotangent: tf.Tensor): Inputs<tf.Tensor>;
}

/** Operations (a multiply-add counts two) and least bytes moved (each input read once, each output written once). */
export interface Work {
  readonly flops: number;
  readonly leastBytes: Bytes;
  /** bytes of inputs, outputs and states: what any implementation must hold */
  readonly leastMemory: Bytes;
}

/** Decoding: one token at a time with a carried state. */
export interface Decoder {
  /** State after the tokens of `inputs`, or of none. */
  begin(inputs: Inputs<tf.Tensor> | undefined, spec: OperatorSpec, shape: Shape): DecoderState;
  /** One token: inputs [B,H,1,·] → out [B,H,1,E] and the next state; the caller disposes of the old one. */
  step(
    inputs: Inputs<tf.Tensor>,
    state: DecoderState,
    spec: OperatorSpec,
  ): { readonly out: tf.Tensor; readonly state: DecoderState };
}
export type DecoderState = { readonly [name: string]: tf.Tensor };

/** The part of an operator that needs no tensor library: listed, planned and costed without loading one. */
export interface OperatorDeclaration {
  readonly id: OperatorSpec["op"];
  readonly title: string;
  readonly strategies: readonly string[];
  /** Names and shapes of the inputs that this spec takes (optional ones, mask and initial values, left out). */
  inputShapes(spec: OperatorSpec, shape: Shape): { readonly [Name in InputName]?: readonly number[] };
  /** undefined when the pair makes sense, else the rule it breaks (4 scans in one dimension, …) */
  impossible(spec: OperatorSpec, shape: Shape): string | undefined;
  /** @param strategy work that depends on the strategy (chunk terms) is counted for this one */
  work(spec: OperatorSpec, shape: Shape, pass: Pass, strategy: string): Work;
  readonly reference: Reference;
  /** Loads the tensor library. */
  load(): Promise<OperatorStrategies>;
}

export interface OperatorStrategies {
  readonly strategies: readonly Strategy[];
  /** The id of the strategy to time for this spec and shape on this engine. */
  choose(spec: OperatorSpec, shape: Shape, engine: RunningEngine): string;
  readonly decoder?: Decoder;
}
