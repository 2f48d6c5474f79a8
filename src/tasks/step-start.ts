// Where a timed training step starts: weights and AdamW's moments in the middle of a training, the same for all who compute it.

import { Random } from "#base/random";
import type { NamedTensor } from "#base/safetensors";
import type { TrainStepCase } from "#case/case";
import { modelWeights } from "#weights/model";
import { countParameters, sizeOf, type WeightDeclaration } from "#weights/weights";

/** Steps done when the timed one is. */
export const STEP = 101;
/** How far weights are moved off a model's start, at which a head of zeros gives no gradient to anything before it. */
const MOVED = 0.02;

export const STATE_NAMES = ["weight", "moment1", "moment2"] as const;
export type StateName = (typeof STATE_NAMES)[number];

/** By the names of the weights. */
export type NamedWeights = ReadonlyMap<string, NamedTensor>;

export interface StepStart extends Readonly<Record<StateName, NamedWeights>> {
  readonly declarations: readonly WeightDeclaration[];
}

/** Moments are of the size that clipped gradients have: 1/√P of the clipping norm. */
export function stepStart({ model, input, optimiser, seed }: TrainStepCase): StepStart {
  const declarations = modelWeights(model, input);
  const random = new Random(seed).fork("weights");
  const scale = (optimiser.clipNorm ?? 1) / Math.sqrt(countParameters(declarations));
  const named = (valuesOf: (weight: WeightDeclaration, count: number) => Float32Array<ArrayBuffer>): NamedWeights =>
    new Map(
      declarations.map((weight) => [
        weight.name,
        { shape: weight.shape, data: valuesOf(weight, sizeOf(weight.shape)) },
      ]),
    );
  return {
    declarations,
    weight: named(({ name, initial }, count) => {
      const moved = random.fork(`moved ${name}`).normals(count, MOVED);
      return initial(random.fork(name), count).map((value, i) => value + moved[i]!);
    }),
    moment1: named(({ name }, count) => random.fork(`moment1 ${name}`).normals(count, scale)),
    moment2: named(({ name }, count) => {
      const stream = random.fork(`moment2 ${name}`);
      return Float32Array.from({ length: count }, () => scale * scale * (0.5 + stream.uniform()));
    }),
  };
}
