// Multi-head softmax attention.

import type { MixerSpec } from "#case/case";
import type { LayerPlace } from "../place.ts";
import { relativeEncoding } from "../positions.ts";
import type { MixerTools, TokenMixer } from "../token-mixer.ts";
import { loadOperator } from "./operator.ts";
import { surroundingsOf } from "./surroundings.ts";

/** softmax(q kᵀ/√D) v. @source Vaswani et al., arXiv 1706.03762 */
export async function softmaxMixer(
  spec: MixerSpec,
  place: LayerPlace,
  { own, tables, engine }: MixerTools,
): Promise<TokenMixer> {
  const { operator } = spec;
  const D = place.width / place.heads;
  const relative = await relativeEncoding(spec, place, { own, tables });
  // An encoding that doubles the width keeps the products' size, so the scale is that of the width before it.
  const scaled = { ...operator, scoreScale: operator.scoreScale ?? 1 / Math.sqrt(D) };
  const attend = await loadOperator(scaled, place, D * relative.widening, engine);
  const { project, finish } = surroundingsOf(spec, place, own);
  return (x) => {
    const q = relative.encode(project(x, "q")); // [B, H, N, D·widening]
    const k = relative.encode(project(x, "k"));
    const v = project(x, "v"); // [B, H, N, E]
    return finish(x, attend({ q, k, v }), v);
  };
}
