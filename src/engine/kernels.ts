// Kernels that an engine may bring of its own, beside those of tfjs. The operators' `fused` strategies use what is
// there. Each comes with its backward pass, since tfjs cannot see inside; neither is recorded on a tape.
//
// Shapes: G = rows of batch and head; q, g, k and vector log decays [G,N,D]; v and out [G,N,E]; state [G,D,E]; lse [G,D].

import type * as tf from "./tf.ts";

/** A pair of functions; gradients come back in the shapes of the inputs. `backward` also takes the outputs that it needs. */
export interface FusedKernel<Inputs, Outputs, Needed extends keyof Outputs, Cotangents, Gradients> {
  forward(inputs: Inputs): Outputs;
  backward(inputs: Inputs & Pick<Outputs, Needed>, cotangents: Cotangents): Gradients;
}

export interface AdditiveGlobalInputs {
  readonly q: tf.Tensor3D;
  /** logits of hidden tokens: −1e38 */
  readonly g: tf.Tensor3D;
  readonly v: tf.Tensor3D;
  readonly k?: tf.Tensor3D;
}

export interface StateOutputs {
  readonly out: tf.Tensor3D;
  readonly state: tf.Tensor3D;
  readonly lse: tf.Tensor2D;
}

/**
 * What the global forms give. The lse is top + log weight, and is formed for output alone: beside logits of thousands its rounding
 * would be that of every weight e^{g − lse}.
 */
export interface TokenSoftmaxOutputs {
  readonly out: tf.Tensor3D;
  readonly state: tf.Tensor3D;
  /** largest logit of each channel; −1e30 where no token is visible */
  readonly top: tf.Tensor2D; // [G, D]
  /** Σ e^{g − top} */
  readonly weight: tf.Tensor2D; // [G, D]
}

export interface AdditiveCausalInputs extends AdditiveGlobalInputs {
  /** the token before the first: its lse (−1e30: there was none), whether there was one (1 or 0), and the state then */
  readonly top0: tf.Tensor2D; // [G, D]
  readonly weight0: tf.Tensor2D; // [G, D]
  readonly state0: tf.Tensor3D; // [G, D, E]
}

/** What decoding carries, per channel: the running maximum m, l = Σ e^{g − m}, and the rounding error to be taken off l. */
export interface AdditiveCarried {
  readonly m: tf.Tensor2D; // [G, D]
  readonly l: tf.Tensor2D; // [G, D]
  readonly lError: tf.Tensor2D; // [G, D]
  readonly s: tf.Tensor3D; // [G, D, E], normalised
}

/** One token: q, g, k [B, H, 1, D], v [B, H, 1, E]. */
export interface AdditiveToken {
  readonly q: tf.Tensor;
  readonly g: tf.Tensor;
  readonly v: tf.Tensor;
  readonly k?: tf.Tensor;
}

/** One scan of some of the tensors' rows. */
export interface ScanDirection {
  /** token visited at each step; absent: 0, 1, 2, … */
  readonly order?: Int32Array;
  /** heads h with from ≤ h < to, where row g of G is head g mod `of`; absent: all */
  readonly heads?: { readonly from: number; readonly to: number; readonly of: number };
}

/** One direction. */
export interface OneScanInputs {
  readonly q: tf.Tensor3D;
  readonly k: tf.Tensor3D;
  readonly v: tf.Tensor3D;
  /** ≤ 0; [G,1,1] constant, [G,N,1] scalar, [G,N,D] vector; absent: no decay */
  readonly logDecay?: tf.Tensor3D;
  readonly initialState?: tf.Tensor3D; // [G, D, E]
  /** token visited at each step; absent: 0, 1, 2, … */
  readonly order?: Int32Array;
}

/** Outputs of all directions are summed. A tensor of S·G rows has G for each of the S directions, one of G rows serves all. */
export interface DecayScanInputs extends Omit<OneScanInputs, "order"> {
  /** absent: one, in the order of storage */
  readonly directions?: readonly ScanDirection[];
  /** absent: q's rows */
  readonly G?: number;
}

/** One token: q, k [B, H, 1, D], v [B, H, 1, E], and the state before it. */
export interface DecayStep {
  readonly q: tf.Tensor;
  readonly k: tf.Tensor;
  readonly v: tf.Tensor;
  readonly state: tf.Tensor; // [B, H, D, E]
  /** ≤ 0; [H], [B, H, 1] or [B, H, 1, D]; absent: no decay */
  readonly logDecay?: tf.Tensor;
}

/** Logits of decays, a tensor of heads. */
export interface DecayGateInputs {
  readonly x: tf.Tensor; // [..., H, N, D]
  /** in [0, 1), per channel; absent: 0 */
  readonly bound?: tf.Tensor2D; // [H, D]
  /** divisor of the log decay */
  readonly temperature: number;
  /** whether the key is wanted */
  readonly tied: boolean;
}

/** Of x's shape, as are the gradients by them. */
export interface DecayGateOutputs {
  readonly logDecay: tf.Tensor;
  readonly key?: tf.Tensor;
}

export type TwoWayScanInputs = Pick<DecayScanInputs, "q" | "k" | "v" | "logDecay">;

export interface ScanStateOutputs {
  readonly out: tf.Tensor3D;
  /** of one direction; several have none */
  readonly state?: tf.Tensor3D;
}

export interface AttentionInputs {
  readonly q: tf.Tensor3D;
  readonly k: tf.Tensor3D;
  readonly v: tf.Tensor3D;
  /** factor on the scores */
  readonly scale: number;
  readonly causal: boolean;
  /** 1 visible, 0 padding; a row with no visible key outputs 0 */
  readonly visible?: tf.Tensor2D; // [G, N]
}

export interface AttentionOutputs {
  readonly out: tf.Tensor3D;
  /** log of the sum of each query's exponentials */
  readonly rowLse: tf.Tensor2D; // [G, N]
  /** where out is stored as float16: what it was rounded from. A softmax on nearly one key has gradients smaller than that rounding. */
  readonly unrounded?: tf.Tensor3D; // [G, N, E]
}

export interface KeyedGradients {
  readonly q: tf.Tensor3D;
  readonly g: tf.Tensor3D;
  readonly v: tf.Tensor3D;
  /** where there was a k */
  readonly k?: tf.Tensor3D;
}

export interface DecayScanGradients {
  readonly q: tf.Tensor3D;
  readonly k: tf.Tensor3D;
  readonly v: tf.Tensor3D;
  /** where there was one */
  readonly logDecay?: tf.Tensor3D;
  readonly initialState?: tf.Tensor3D;
}

export interface AdditiveEncodedInputs {
  readonly q: tf.Tensor3D;
  readonly g: tf.Tensor3D;
  readonly v: tf.Tensor3D;
  /** cosines, then sines of the angles; row i of G uses head i mod H */
  readonly table: tf.Tensor3D; // [H, N, 2D]
}

/** Steps of a model that run over rows of the last axis, in one pass each. */
export interface RowKernels {
  /** x · sigmoid(x) */
  silu(x: tf.Tensor): tf.Tensor;
  siluGradient(x: tf.Tensor, dy: tf.Tensor): tf.Tensor;
  /** "layer": mean 0, variance 1; "rms": mean square 1. `scale` [..., 1] is what the (centred) row was multiplied by. */
  norm(x: tf.Tensor, kind: "layer" | "rms", epsilon: number): Normed;
  normGradient(normed: Normed, dy: tf.Tensor, kind: "layer" | "rms"): tf.Tensor;
  /** layer norm with gain and bias, which serve as many rows of x each: of x [B, N, C] either [C] or [B, 1, C] */
  affineNorm(x: tf.Tensor, by: GainAndBias, epsilon: number): AffineNormed;
  affineNormGradient(normed: AffineNormedInputs, dy: tf.Tensor): { readonly x: tf.Tensor } & GainAndBias;
  /** activation(a) ∘ b */
  gate(a: tf.Tensor, b: tf.Tensor, activation: GateActivation): tf.Tensor;
  gateGradient(gated: Gated, dy: tf.Tensor, activation: GateActivation): Gated;
  /** halves (x₁, x₂) → (x₁cos − x₂sin, x₂cos + x₁sin); tables [1, H or 1, N, D/2] */
  rotate(x: tf.Tensor, tables: Rotation): tf.Tensor;
  /** of the tables too where `isTrained` */
  rotateGradient(
    rotated: { readonly x: tf.Tensor } & Rotation,
    dy: tf.Tensor,
    isTrained: boolean,
  ): { readonly x: tf.Tensor } & Partial<Rotation>;
  /** [B, N, H·D] or [B·N, H·D] → [B, H, N, D], and back to the one or the other */
  splitHeads(x: tf.Tensor, heads: number, tokens: number): tf.Tensor;
  mergeHeads(x: tf.Tensor, rank: 2 | 3): tf.Tensor;
  /** −Σ_c p_c log softmax(logits)_c of rows, p the target smoothed over the classes; 0 where the target is negative */
  nats(rows: LogitRows): NatsOfRows;
  natsGradient(rows: LogitRows, found: Pick<NatsOfRows, "top" | "sum">, dy: tf.Tensor): tf.Tensor;
  /** one step of AdamW on flat vectors */
  adamW(state: AdamWVectors, gradient: tf.Tensor1D, settings: AdamWSettings): AdamWStepped;
}

export type GateActivation = "silu" | "sigmoid";

export interface Gated {
  readonly a: tf.Tensor;
  readonly b: tf.Tensor;
}

export interface GainAndBias {
  readonly gain: tf.Tensor;
  readonly bias: tf.Tensor;
}

/** mean and 1/σ of each row [..., 1] */
export interface AffineNormed {
  readonly y: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly scale: tf.Tensor;
}

export interface AffineNormedInputs extends Omit<AffineNormed, "y"> {
  readonly x: tf.Tensor;
  readonly gain: tf.Tensor;
}

export interface Rotation {
  readonly cos: tf.Tensor;
  readonly sin: tf.Tensor;
}

export interface LogitRows {
  readonly logits: tf.Tensor; // [R, V]
  /** below V; negative: not scored */
  readonly targets: tf.Tensor; // int32 [R]
  /** share of the target's probability that is spread over the classes */
  readonly smoothing: number;
}

/** Of each row [R]: its nats, the largest logit, Σ e^{logit − largest}. */
export interface NatsOfRows {
  readonly nats: tf.Tensor;
  readonly top: tf.Tensor;
  readonly sum: tf.Tensor;
}

/** Each [P]. */
export interface AdamWVectors {
  readonly weights: tf.Tensor1D;
  readonly firstMoment: tf.Tensor1D;
  readonly secondMoment: tf.Tensor1D;
  /** 1 where a weight decays, else 0 */
  readonly decayed: tf.Tensor1D;
  /** moving average of the weights, where one is kept */
  readonly average?: tf.Tensor1D | undefined;
}

/** w ← w − rate m / (√(secondScale v) + epsilon) − decay·D w */
export interface AdamWSettings {
  readonly beta1: number;
  readonly beta2: number;
  /** η / (1 − β₁^t) */
  readonly rate: number;
  /** 1 / (1 − β₂^t) */
  readonly secondScale: number;
  readonly epsilon: number;
  /** ηλ */
  readonly decay: number;
  /** absent: none */
  readonly clipNorm?: number | undefined;
  /** of the moving average */
  readonly averageDecay?: number | undefined;
}

export interface AdamWStepped extends Omit<AdamWVectors, "decayed"> {
  /** global norm of the gradient before clipping */
  readonly norm: tf.Scalar;
}

export interface Normed {
  readonly y: tf.Tensor;
  readonly scale: tf.Tensor;
}

/**
 * Kernels on numbers stored as float16, two in an int32: q, k, v, g and vector log decays [G, N, width / 2], and `out`, its
 * cotangent and the gradients of these alike. Widths are multiples of four. Everything else, sums and states included, is float32.
 */
export interface HalfKernels
  extends
    Required<Pick<FusedKernels, "additiveGlobal" | "additiveCausal" | "decayScan">>,
    Pick<FusedKernels, "attention"> {
  /** float32 [..., W] → int32 [..., W / 2] */
  toHalves(x: tf.Tensor): tf.Tensor;
  fromHalves(x: tf.Tensor): tf.Tensor;
}

export interface FusedKernels {
  readonly half?: HalfKernels;
  readonly rows?: RowKernels;
  /** s = Σ_t softmax_over_tokens(g)_t (k_t) v_tᵀ, out = q s */
  readonly additiveGlobal?: FusedKernel<
    AdditiveGlobalInputs,
    TokenSoftmaxOutputs,
    "state" | "top" | "weight",
    StateOutputs,
    KeyedGradients
  >;
  /** the same under cosine LRPE of q and of the normalised weights; state [G,2D,E], and no gradient of the table */
  readonly additiveEncoded?: FusedKernel<
    AdditiveEncodedInputs,
    TokenSoftmaxOutputs,
    "state" | "top" | "weight",
    { readonly out: tf.Tensor3D },
    KeyedGradients
  >;
  /** additiveGlobal over the tokens up to each; the gradient of the initial lse is called `top0` */
  readonly additiveCausal?: FusedKernel<
    AdditiveCausalInputs,
    StateOutputs,
    never,
    StateOutputs,
    KeyedGradients & { readonly top0: tf.Tensor2D; readonly state0: tf.Tensor3D }
  >;
  /** additiveCausal for the next token: its output [B, H, 1, E], and what is carried then; without gradients */
  readonly additiveStep?: (
    token: AdditiveToken,
    carried: AdditiveCarried,
  ) => { readonly out: tf.Tensor; readonly carried: AdditiveCarried };
  /** s_t = e^{logDecay_t} s_{t−1} + k_t v_tᵀ, out_t = s_tᵀ q_t, in any orders of visit; out is in storage order */
  readonly decayScan?: FusedKernel<
    DecayScanInputs,
    ScanStateOutputs,
    never,
    { readonly out: tf.Tensor3D; readonly state?: tf.Tensor3D },
    DecayScanGradients
  >;
  /** decayScan for the next token, in the shapes of decoding: a reshape costs as much as the step; without gradients */
  readonly decayStep?: (step: DecayStep) => { readonly out: tf.Tensor; readonly state: tf.Tensor };
  /** f = b + (1 − b) σ(x): logDecay = log f / temperature, and the key that is tied to f, 1 − f */
  readonly decayGate?: FusedKernel<
    DecayGateInputs,
    DecayGateOutputs,
    never,
    DecayGateOutputs,
    { readonly x: tf.Tensor; readonly bound?: tf.Tensor2D }
  >;
  /** the sum of decayScan in the order 0 … N−1 and in the order N−1 … 0, in one pass; the current token counts in each */
  readonly twoWayScan?: FusedKernel<
    TwoWayScanInputs,
    { readonly out: tf.Tensor3D },
    never,
    { readonly out: tf.Tensor3D },
    DecayScanGradients
  >;
  /** softmax(q kᵀ · scale + causal mask) v, without forming the N×N scores in memory */
  readonly attention?: FusedKernel<
    AttentionInputs,
    AttentionOutputs,
    "out" | "rowLse" | "unrounded",
    { readonly out: tf.Tensor3D },
    { readonly q: tf.Tensor3D; readonly k: tf.Tensor3D; readonly v: tf.Tensor3D }
  >;
}
