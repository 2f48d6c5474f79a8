// A model with its loss on a batch that is drawn at random: what a training step is timed on where no data are wanted.

import { UsageError } from "#base/errors";
import type { Random } from "#base/random";
import type { NamedTensor } from "#base/safetensors";
import type { StepInput, TrainStepCase } from "#case/case";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { meanNats, meanSquaredError, softNats } from "#models/cross-entropy";
import { createLanguageModel } from "#models/language-model";
import type { Parameters } from "#models/parameters";
import { tokenCount } from "#weights/backbone";
import { patchGrid } from "#weights/image-classifier";
import { sizeOf } from "#weights/weights";
import { createDenoiser } from "./image-generation/head.ts";
import { createImageClassifier } from "./image-classification/head.ts";

export type Batch = Readonly<Record<string, NamedTensor>>;

export interface StepModel {
  readonly parameters: Parameters;
  /** Takes a batch to the engine. */
  readonly bind: (batch: Batch) => BoundBatch;
}

export interface BoundBatch {
  /** mean over the batch; within a tidy */
  readonly loss: () => tf.Scalar;
  readonly dispose: () => void;
}

const TIME_STEPS = 1000;

/** @throws {UsageError} a model that does not fit its input */
export async function createStepModel(item: TrainStepCase, engine: RunningEngine): Promise<StepModel> {
  const { model, input } = item;
  const options = { seed: item.seed, engine };
  switch (input.kind) {
    case "images": {
      const { parameters, forward } = await createImageClassifier(model, input, options);
      return {
        parameters,
        bind: (batch) => {
          const { patches, targets } = tensorsOf(batch, "float32");
          return bound([patches!, targets!], () => softNats(forward(patches!), targets!));
        },
      };
    }
    case "denoiser": {
      const { parameters, forward } = await createDenoiser(model, input, { ...options, positions: input.positions });
      return {
        parameters,
        bind: ({ patches: noisy, noise: wanted, timesteps, classes }) => {
          const { patches, noise } = tensorsOf({ patches: noisy!, noise: wanted! }, "float32");
          const condition = { timesteps: timesteps!.data, classes: classes!.data };
          return bound([patches!, noise!], () => meanSquaredError(forward(patches!, condition), noise!));
        },
      };
    }
    case "text": {
      const { parameters, forward } = await createLanguageModel(model, input, options);
      return {
        parameters,
        bind: (batch) => {
          const { tokens, targets } = tensorsOf(batch, "int32");
          return bound([tokens!, targets!], () => meanNats(forward(tokens!), targets!));
        },
      };
    }
  }
}

function tensorsOf(batch: Batch, type: "float32" | "int32"): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(batch).map(([name, { data, shape }]) => [
      name,
      type === "int32" ? tf.tensor(Int32Array.from(data), [...shape], type) : tf.tensor(data, [...shape]),
    ]),
  );
}

function bound(tensors: tf.Tensor[], loss: () => tf.Scalar): BoundBatch {
  return { loss, dispose: () => void tf.dispose(tensors) };
}

/** A batch as its task would have it: float32 throughout, numbers of tokens and classes included. */
export function drawBatch({ model, input, shape }: TrainStepCase, random: Random): Batch {
  const { B } = shape;
  switch (input.kind) {
    case "images": {
      const label = random.fork("labels");
      const rows = new Float32Array(B * input.classes);
      for (let b = 0; b < B; b++) rows[b * input.classes + label.integer(input.classes)] = 1;
      return {
        patches: patchesOf({ model, input, shape }, random),
        targets: { shape: [B, input.classes], data: rows },
      };
    }
    case "denoiser": {
      const [moment, kind] = [random.fork("time steps"), random.fork("classes")];
      return {
        patches: patchesOf({ model, input, shape }, random),
        noise: patchesOf({ model, input, shape }, random.fork("noise")),
        timesteps: { shape: [B], data: Float32Array.from({ length: B }, () => moment.integer(TIME_STEPS)) },
        // one more than there are: the class "none"
        classes: { shape: [B], data: Float32Array.from({ length: B }, () => kind.integer(input.classes + 1)) },
      };
    }
    case "text":
      return drawText(input, B, random);
  }
}

/** Random tokens; targets are those that follow, or −1 where a position is not scored. */
function drawText(
  { tokens: N, vocabulary, scored }: Extract<StepInput, { kind: "text" }>,
  B: number,
  random: Random,
): Batch {
  const [token, hidden] = [random.fork("tokens"), random.fork("scored")];
  const drawn = () => Float32Array.from({ length: B * N }, () => token.integer(vocabulary));
  const tokens = drawn();
  const targets =
    scored === undefined
      ? tokens.map((value, i) => (i % N === N - 1 ? token.integer(vocabulary) : tokens[i + 1]!))
      : drawn().map((value, i) => (i % N === 0 || hidden.uniform() < scored ? value : -1));
  return { tokens: { shape: [B, N], data: tokens }, targets: { shape: [B, N], data: targets } };
}

function patchesOf(
  { model, input, shape: { B } }: Pick<TrainStepCase, "model" | "input" | "shape">,
  random: Random,
): NamedTensor {
  if (input.kind === "text") throw new UsageError("a text has no patches.");
  const { patchSize, ...tokens } = patchGrid(model, input);
  const shape = [B, tokenCount(tokens), patchSize];
  return { shape, data: random.fork("patches").normals(sizeOf(shape)) };
}
