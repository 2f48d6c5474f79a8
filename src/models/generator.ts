// A language model one token at a time, with carried states: the same logits as the whole sequence at once, at a cost a
// token that does not grow with the context (but for softmax attention, which keeps every key and value).

import { UsageError } from "#base/errors";
import type { Random } from "#base/random";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { ModelSpec } from "#case/case";
import { createBackbone } from "./backbone.ts";
import { Decoding } from "./decoding.ts";
import { againstRows, embedTokens } from "./language-model.ts";
import type { LanguageModelInput } from "#weights/language-model";
import type { Parameters } from "./parameters.ts";

export interface TextGenerator {
  /**
   * Takes the next token of each sequence.
   *
   * @param ids [B]
   * @returns logits of the token after it [B, vocabulary]
   * @throws {UsageError} more tokens than a model with trained positions has places for
   */
  step(ids: Int32Array): tf.Tensor2D;
  /** tokens taken since the start or the last reset */
  readonly position: number;
  /** bytes carried from token to token */
  readonly stateBytes: number;
  reset(): void;
}

/**
 * @param parameters those of the language model; they stay its own
 * @throws {UsageError} a model that sees later tokens, tokens on a grid, or local mixing (no state is kept for it)
 */
export async function createGenerator(
  model: ModelSpec,
  { tokens, grid = [tokens] }: LanguageModelInput,
  parameters: Parameters,
  engine: RunningEngine,
): Promise<TextGenerator> {
  if (grid.length !== 1)
    throw new UsageError(`Tokens on a grid of ${grid.join("×")} have no next one; generation needs one line.`);
  if (model.localMixing !== "none")
    throw new UsageError(
      `Generation carries no state for the local mixing ${model.localMixing}; take a model without.`,
    );
  const decoding = new Decoding();
  const backbone = await createBackbone(model, { grid: [1], prefix: 0, decoding }, parameters, { engine });
  return {
    get position() {
      return decoding.position;
    },
    get stateBytes() {
      return decoding.bytes;
    },
    step(ids) {
      if (model.mixer.encoding === "learned" && decoding.position >= tokens) {
        throw new UsageError(
          `The model has trained positions for ${tokens} tokens, and this is one more; reset, or use another encoding.`,
        );
      }
      const logits = tf.tidy(() => {
        const embedding = parameters.get("embedding");
        const embedded = embedTokens(embedding, tf.tensor2d(ids, [ids.length, 1], "int32")); // [B, 1, C]
        return tf.squeeze(againstRows(backbone(embedded), embedding), [1]);
      });
      decoding.position++;
      return logits as tf.Tensor2D;
    },
    reset: () => decoding.reset(),
  };
}

export interface SamplingOptions {
  /** number of tokens to write */
  readonly length: number;
  /** divisor of the logits; 0 takes the likeliest token */
  readonly temperature: number;
  readonly random: Random;
}

/** Tokens that a model writes after a prompt, one sequence; the prompt is not among them. */
export async function generate(
  generator: TextGenerator,
  prompt: Int32Array,
  { length, temperature, random }: SamplingOptions,
): Promise<Int32Array<ArrayBuffer>> {
  if (prompt.length === 0) throw new UsageError("Generation needs a prompt of one token at least.");
  const written = new Int32Array(length);
  for (let t = 0; t < prompt.length - 1; t++) generator.step(prompt.subarray(t, t + 1)).dispose();
  let last = prompt[prompt.length - 1]!;
  for (let t = 0; t < length; t++) {
    const logits = generator.step(Int32Array.of(last));
    last = drawToken((await logits.data()) as Float32Array, temperature, random);
    logits.dispose();
    written[t] = last;
  }
  return written;
}

/** One token from softmax(logits/temperature), in float64. */
export function drawToken(logits: Float32Array, temperature: number, random: Random): number {
  const top = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  if (temperature === 0) return logits.indexOf(top);
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - top) / temperature));
  let left = random.uniform() * weights.reduce((a, b) => a + b, 0);
  for (let id = 0; id < weights.length; id++) {
    left -= weights[id]!;
    if (left < 0) return id;
  }
  return logits.indexOf(top); // rounding
}
