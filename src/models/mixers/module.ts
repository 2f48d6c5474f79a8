// A token mixer from a file of the user's: `defineMixer` of the library.

import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { MixerSpec, ModelSpec } from "#case/case";
import { declaredMixer, declareMixer, type DeclaredMixer } from "#weights/declared-mixers";
import type { Weights } from "../parameters.ts";
import type { LayerPlace } from "../place.ts";
import type { MixerTools, TokenMixer } from "../token-mixer.ts";

/** What the functions of a mixer are given beside the tokens. */
export interface MixerContext {
  /** TensorFlow.js, as the engine runs it */
  readonly tf: typeof tf;
  /** weights of this layer by their declared names */
  readonly weights: Weights;
  /** width, heads, grid and prefix of the tokens; which layer of how many */
  readonly place: LayerPlace;
  readonly engine: RunningEngine;
}

/** Tensors that a recurrence carries from token to token. */
export type MixerState = Readonly<Record<string, tf.Tensor>>;

export interface MixerDefinition {
  readonly name: string;
  /** token t sees tokens ≤ t alone: then it takes the place of causal models, else of those that see all */
  readonly causal: boolean;
  /** positions that the layer around it adds before the first block; default none */
  readonly positions?: "none" | "sinusoidal" | "learned";
  /** around its layers; default none */
  readonly localMixing?: ModelSpec["localMixing"];
  readonly weights: DeclaredMixer["weights"];
  readonly flops?: DeclaredMixer["flops"];
  /** x [B, N, C] → [B, N, C], called within a tidy; differentiable by tfjs unless `backward` is given */
  readonly forward: (x: tf.Tensor3D, context: MixerContext) => tf.Tensor;
  /** gradients of Σ out · cotangent: by `x`, and by every weight under its name */
  readonly backward?: (
    given: { readonly x: tf.Tensor3D; readonly cotangent: tf.Tensor3D },
    context: MixerContext,
  ) => { readonly x: tf.Tensor; readonly weights: Readonly<Record<string, tf.Tensor>> };
  /** one token x [B, 1, C] after those of `state` (undefined: none yet) → out [B, 1, C]; must give what `forward` gives */
  readonly step?: (
    x: tf.Tensor3D,
    state: MixerState | undefined,
    context: MixerContext,
  ) => { readonly out: tf.Tensor; readonly state: MixerState };
  /** the same by its definition, in plain loops: x [B, N, C] in row-major order → [B, N, C] */
  readonly reference: (
    x: Float64Array,
    context: { readonly B: number; readonly weights: (name: string) => Float64Array; readonly place: LayerPlace },
  ) => Float64Array;
}

const definitions = new Map<string, MixerDefinition>();

export function addModuleMixer(id: string, mixer: MixerDefinition): void {
  declareMixer({ id, weights: mixer.weights, flops: mixer.flops });
  definitions.set(id, mixer);
}

/** @throws {UsageError} its file was not read */
export function moduleMixerOf(id = ""): MixerDefinition {
  declaredMixer(id);
  return definitions.get(id)!;
}

/** @throws {UsageError} its file was not read */
export function moduleMixer({ operator }: MixerSpec, place: LayerPlace, { own, engine }: MixerTools): TokenMixer {
  const mixer = moduleMixerOf(operator.module);
  const names = mixer.weights(place).map(({ name }) => name);
  return (x) => runMixer(mixer, x as tf.Tensor3D, { names, weights: own, place, engine });
}

/** Forward with the gradients that the mixer gives itself, where it does. */
export function runMixer(
  mixer: MixerDefinition,
  x: tf.Tensor3D,
  { names, ...given }: Omit<MixerContext, "tf"> & { readonly names: readonly string[] },
): tf.Tensor {
  const { backward } = mixer;
  if (backward === undefined) return mixer.forward(x, { tf, ...given });
  const contextOf = (weights: readonly tf.Tensor[]): MixerContext => ({
    tf,
    ...given,
    weights: (name) => weights[names.indexOf(name)]!,
  });
  const whole = tf.customGrad((...inputs) => {
    const save = inputs.pop() as unknown as (tensors: tf.Tensor[]) => void;
    const [first, ...weights] = inputs as tf.Tensor[];
    save([first!, ...weights]);
    const gradFunc = (cotangent: tf.Tensor, [saved, ...held]: tf.Tensor[]) => {
      const gradients = backward({ x: saved as tf.Tensor3D, cotangent: cotangent as tf.Tensor3D }, contextOf(held));
      return [gradients.x, ...names.map((name) => gradients.weights[name]!)];
    };
    return { value: mixer.forward(first as tf.Tensor3D, contextOf(weights)), gradFunc };
  });
  return whole(x, ...names.map(given.weights));
}
