// Multi-head softmax attention.

import type { MixerSpec } from "#case/case";
import { dense, mergeHeads, splitHeads } from "../layers.ts";
import type { LayerPlace } from "../place.ts";
import { relativeEncoding } from "../positions.ts";
import type { MixerTools, TokenMixer } from "../mixer.ts";
import { loadOperator } from "./operator.ts";

/** softmax(q kᵀ/√D) v. @source Vaswani et al., arXiv 1706.03762 */
export async function softmaxMixer(
  { operator, encoding }: MixerSpec,
  place: LayerPlace,
  { own, tables, engine }: MixerTools,
): Promise<TokenMixer> {
  const { heads } = place;
  const D = place.width / heads;
  const relative = await relativeEncoding(encoding, place, tables);
  // An encoding that doubles the width keeps the products' size, so the scale is that of the width before it.
  const scaled = { ...operator, scoreScale: operator.scoreScale ?? 1 / Math.sqrt(D) };
  const attend = await loadOperator(scaled, place, D * relative.widening, engine);
  return (x) => {
    const q = relative.encode(splitHeads(dense(x, own("wq")), heads)); // [B, H, N, D·widening]
    const k = relative.encode(splitHeads(dense(x, own("wk")), heads));
    const v = splitHeads(dense(x, own("wv")), heads); // [B, H, N, E]
    return dense(mergeHeads(attend({ q, k, v })), own("wo"));
  };
}
