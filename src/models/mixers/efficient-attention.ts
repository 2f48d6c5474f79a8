// Efficient Attention: q is a softmax over channels, k one over tokens.

import * as tf from "#engine/tf";
import type { MixerSpec } from "#case/case";
import { softmaxOverTokens } from "../light-net-attention.ts";
import { untimed } from "../segments.ts";
import type { MixerTools, TokenMixer } from "../token-mixer.ts";
import type { LayerPlace } from "../place.ts";
import { encodeBoth, relativeEncoding } from "../positions.ts";
import { loadOperator } from "./operator.ts";
import { surroundingsOf } from "./surroundings.ts";

/**
 * Softmax_channels(q) (softmax_tokens(k)ᵀ v). With a relative encoding both softmaxes come first and the encoded
 * products are summed without a decay: encoding the logits would change the weights instead of placing them.
 *
 * @source Shen et al., arXiv 1812.01243
 */
export async function efficientAttentionMixer(
  spec: MixerSpec,
  place: LayerPlace,
  { own, tables, engine, asSegment = untimed }: MixerTools,
): Promise<TokenMixer> {
  const { operator } = spec;
  const relative = await relativeEncoding(spec, place, { own, tables });
  const keyWidth = (place.width / place.heads) * relative.widening;
  const isPlain = relative.isIdentity;
  const summed = { op: "multiplicative", causal: operator.causal, decay: "none" } as const;
  const mix = await loadOperator(isPlain ? operator : summed, place, keyWidth, engine);
  const { project, finish } = surroundingsOf(spec, place, { own, asSegment });
  return (x) => {
    const [q, k, v] = [project(x, "q"), project(x, "k"), project(x, "v")];
    const weights = isPlain ? { q, k } : asSegment("normaliser", () => ({ q: tf.softmax(q), k: softmaxOverTokens(k) }));
    const placed = asSegment("encoding", () => encodeBoth(relative, weights.q, weights.k));
    return finish(
      x,
      asSegment("operator", () => mix({ ...placed, v })),
      v,
    );
  };
}
