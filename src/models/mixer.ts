// Token mixers: x [B, N, C] → [B, N, C], one for every operator, on the same scaffold.

import { UsageError } from "#base/errors";
import type { RunningEngine } from "#engine/engine";
import type { MixerSpec } from "#case/case";
import { mixerWeights, stackWeights } from "#weights/mixer";
import type { LayerPlace } from "./place.ts";
import { efficientAttentionMixer } from "./mixers/efficient-attention.ts";
import { lightNetMixer } from "./mixers/light-net.ts";
import { moduleMixer } from "./mixers/module.ts";
import { multiplicativeMixer } from "./mixers/multiplicative.ts";
import { softmaxMixer } from "./mixers/softmax.ts";
import { withWeights, type Parameters } from "./parameters.ts";
import type { AsSegment } from "./segments.ts";
import { within } from "#weights/weights";
import type { TokenMixer, MixerTools } from "./token-mixer.ts";

/**
 * The token mixer of a spec at its place in a model.
 *
 * @throws {UsageError} operator and grid do not go together
 */
export function createMixer(spec: MixerSpec, place: LayerPlace, tools: MixerTools): Promise<TokenMixer> {
  switch (spec.operator.op) {
    case "additive":
      return lightNetMixer(spec, place, tools);
    case "softmax":
      return softmaxMixer(spec, place, tools);
    case "efficient-attention":
      return efficientAttentionMixer(spec, place, tools);
    case "multiplicative":
      return multiplicativeMixer(spec, place, tools);
    case "matmul":
      throw new UsageError("a product of matrices is no token mixer.");
    case "module":
      return Promise.resolve(moduleMixer(spec, place, tools));
  }
}

export interface BenchmarkMixer {
  readonly parameters: Parameters;
  /** x [B, N, C] → [B, N, C]; differentiable, to be called within a tidy */
  readonly forward: TokenMixer;
}

export interface BenchmarkPlace {
  /** model width, H·D */
  readonly C: number;
  readonly heads: number;
  readonly grid: readonly number[];
  readonly prefix: number;
  readonly strategy?: string;
  /** around the parts of the layer */
  readonly asSegment?: AsSegment;
}

/**
 * One mixer layer on its own, for the benchmark level "mixer": projections, encoding, operator, norm, gate.
 *
 * @throws {UsageError} operator, encoding and grid do not go together
 */
export async function mixerForBenchmark(
  spec: MixerSpec,
  { C, heads, asSegment, ...rest }: BenchmarkPlace,
  seed: number,
  engine: RunningEngine,
): Promise<BenchmarkMixer> {
  const place = { width: C, heads, ...rest, layer: 0, depth: 1 };
  const weights = [...within("mixer", mixerWeights(spec, place)), ...within("stack", stackWeights(spec, C, 1))];
  return withWeights(weights, seed, async (parameters) => {
    const tools = {
      own: parameters.under("mixer"),
      stack: parameters.under("stack"),
      tables: parameters,
      engine,
      asSegment,
    };
    return { parameters, forward: await createMixer(spec, place, tools) };
  });
}
