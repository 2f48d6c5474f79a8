// LightNet attention: additive decay, one scan whatever the dimension of the grid.

import { UsageError } from "#base/errors";
import * as tf from "#engine/tf";
import type { MixerSpec } from "#suite/case";
import { silu } from "../layers.ts";
import type { MixerTools, TokenMixer } from "../mixer.ts";
import type { MixerPlace } from "../mixer-weights.ts";
import { relativeEncoding } from "../positions.ts";
import { loadOperator } from "./operator.ts";
import { gatedOutput, projectHeads, softmaxOverTokens } from "./surroundings.ts";

/** q = SiLU(x Wq), g = x Wk, v = x Wv; additive decay with the encoding on q and on the normalised weights; norm, gate, Wo. */
export async function lightNetMixer(spec: MixerSpec, place: MixerPlace, { own, constants, engine }: MixerTools): Promise<TokenMixer> {
  const { operator } = spec;
  const { heads } = place;
  const relative = relativeEncoding(spec.encoding, place, constants);
  const keyWidth = (place.width / heads) * relative.widening;
  if (operator.causal && relative.widening === 1 && !relative.isIdentity) {
    throw new UsageError(`Encoding ${spec.encoding} turns pairs of channels, which causal additive weights cannot follow step by step; use lrpe or none.`);
  }
  const project = (x: tf.Tensor, name: "q" | "k" | "v") => projectHeads(x, `w${name}`, name, { own, operator, heads });
  if (operator.causal || relative.isIdentity) {
    const mix = await loadOperator(relative.isIdentity ? operator : { ...operator, explicitKey: true }, place, keyWidth, engine);
    return (x) => {
      const g = project(x, "k"); // [B, H, N, D]
      const q = relative.encode(silu(project(x, "q")));
      // Causal weights are normalised step by step, so the encoding multiplies them as a key: [cos a ; sin a].
      const encoded = relative.isIdentity ? { g } : { g: tf.concat(new Array<tf.Tensor>(relative.widening).fill(g), -1), k: relative.encode(tf.onesLike(g)) };
      return gatedOutput(x, mix({ q, v: project(x, "v"), ...encoded }), own, spec.norm);
    };
  }
  // The global weights are a softmax over the tokens; encoded, they are summed without any decay.
  const mix = await loadOperator({ op: "multiplicative", causal: false, decay: "none" }, place, keyWidth, engine);
  return (x) => {
    const p = softmaxOverTokens(project(x, "k")); // [B, H, N, D]
    return gatedOutput(x, mix({ q: relative.encode(silu(project(x, "q"))), k: relative.encode(p), v: project(x, "v") }), own, spec.norm);
  };
}
