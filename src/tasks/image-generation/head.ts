// Denoiser for diffusion: noisy patches, time step and class in, the noise out. A diffusion transformer (DiT) whose
// token mixer alone differs between contenders.

import { UsageError } from "#base/errors";
import { inModule } from "#base/scopes";
import * as tf from "#engine/tf";
import type { DiffusionRecipe, ModelSpec } from "#case/case";
import type { DenoiserInput } from "#weights/model-input";
import { createBackbone, type ModelOptions, type Regularisation } from "#models/backbone";
import { denoiserWeights, TIME_FREQUENCIES } from "#weights/denoiser";
import { patchGrid } from "#weights/image-classifier";
import { dense, silu } from "#models/layers";
import { withWeights, type Parameters } from "#models/parameters";
import { createPositions } from "#models/positions";
import type { TokenGrid } from "#weights/backbone";

/** What a denoiser knows beside the noisy image; both lists have one entry per image. */
export interface DenoiserCondition {
  /** 0 to T − 1 */
  readonly timesteps: ArrayLike<number>;
  /** 0 to classes − 1, or `classes` for "no class" */
  readonly classes: ArrayLike<number>;
}

export interface Denoiser {
  readonly parameters: Parameters;
  /**
   * The noise in x, in the layout of the patches: [B, N, patchSize] → [B, N, patchSize].
   *
   * @throws {UsageError} a class that the model does not have
   */
  forward(patches: tf.Tensor, condition: DenoiserCondition, regularisation?: Regularisation): tf.Tensor;
}

export interface DenoiserOptions extends ModelOptions {
  /**
   * What is added to the embedded patches. Without it a model whose encoding is relative draws patches in places that it
   * cannot tell apart: even a single image learned by heart comes out shuffled.
   */
  readonly positions?: DiffusionRecipe["positions"];
}

/** @throws {UsageError} patches that do not tile the image, or a mixer impossible on their grid */
export async function createDenoiser(
  model: ModelSpec,
  input: Omit<DenoiserInput, "kind">,
  { seed, positions, ...tools }: DenoiserOptions,
): Promise<Denoiser> {
  const tokens = patchGrid(model, input);
  return withWeights(denoiserWeights(model, input), seed, async (parameters) => {
    const backbone = await createBackbone(model, tokens, parameters, tools);
    const placed = await placesOf(model, tokens, { positions, parameters });
    const [embedding, time, head] = [parameters.under("embedding"), parameters.under("time"), parameters.under("head")];
    const embedCondition = ({ timesteps, classes }: DenoiserCondition): tf.Tensor => {
      const waves = tf.tensor2d(timeWaves(timesteps), [timesteps.length, TIME_FREQUENCIES]);
      const moment = dense(silu(dense(waves, time("w1"), time("bias1"))), time("w2"), time("bias2")); // [B, C]
      const table = parameters.get("classes") as tf.Tensor as tf.Tensor2D;
      return tf.add(moment, tf.matMul(oneHot(classes, input.classes + 1), table));
    };
    return {
      parameters,
      forward(patches, condition, regularisation) {
        const embedded = inModule("embedding", () => placed(dense(patches, embedding("w"), embedding("bias")))); // [B, N, C]
        const told = inModule("condition", () => embedCondition(condition));
        const features = backbone(embedded, regularisation, told);
        return inModule("head", () => dense(features, head("w"), head("bias")));
      },
    };
  });
}

interface Places {
  readonly positions: DiffusionRecipe["positions"];
  readonly parameters: Parameters;
}

/** Embedded patches with their places added: a fixed table, the same for every contender. */
async function placesOf(
  model: ModelSpec,
  tokens: TokenGrid,
  { positions, parameters }: Places,
): Promise<(x: tf.Tensor) => tf.Tensor> {
  if (positions === undefined) return (x) => x;
  return createPositions({ ...model, mixer: { ...model.mixer, encoding: positions } }, tokens, parameters);
}

/**
 * cos(t·ω_i), then sin(t·ω_i), with ω_i = 10000^(−i/(F/2)): [B, F], F frequencies in all.
 *
 * @source Vaswani et al., arXiv 1706.03762, in the layout of Peebles and Xie's code
 */
export function timeWaves(timesteps: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const half = TIME_FREQUENCIES / 2;
  const waves = new Float32Array(timesteps.length * TIME_FREQUENCIES);
  for (let item = 0; item < timesteps.length; item++) {
    for (let i = 0; i < half; i++) {
      const angle = timesteps[item]! * 10000 ** (-i / half);
      waves[item * TIME_FREQUENCIES + i] = Math.cos(angle);
      waves[item * TIME_FREQUENCIES + half + i] = Math.sin(angle);
    }
  }
  return waves;
}

/** Rows with a single 1, on the host: not every engine has a kernel for the gradient of a look-up. */
function oneHot(classes: ArrayLike<number>, count: number): tf.Tensor2D {
  const rows = new Float32Array(classes.length * count);
  for (let item = 0; item < classes.length; item++) {
    const number = classes[item]!;
    if (!Number.isInteger(number) || number < 0 || number >= count)
      throw new UsageError(`A denoiser of ${count - 1} classes has no class ${number}; ${count - 1} stands for none.`);
    rows[item * count + number] = 1;
  }
  return tf.tensor2d(rows, [classes.length, count]);
}
