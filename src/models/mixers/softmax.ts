// Multi-head softmax attention.

import type { MixerSpec } from "#case/case";
import type { LayerPlace } from "../place.ts";
import { encodeBoth, relativeEncoding } from "../positions.ts";
import { untimed } from "../segments.ts";
import type { MixerTools, TokenMixer } from "../token-mixer.ts";
import { loadOperator } from "./operator.ts";
import { surroundingsOf } from "./surroundings.ts";

/** softmax(q kᵀ/√D) v. @source Vaswani et al., arXiv 1706.03762 */
export async function softmaxMixer(
  spec: MixerSpec,
  place: LayerPlace,
  { own, tables, engine, asSegment = untimed }: MixerTools,
): Promise<TokenMixer> {
  const { operator } = spec;
  const D = place.width / place.heads;
  const relative = await relativeEncoding(spec, place, { own, tables });
  // An encoding that doubles the width keeps the products' size, so the scale is that of the width before it.
  const scaled = { ...operator, scoreScale: operator.scoreScale ?? 1 / Math.sqrt(D) };
  const attend = await loadOperator(scaled, place, D * relative.widening, engine);
  const { project, finish } = surroundingsOf(spec, place, { own, asSegment });
  return (x) => {
    const [q, k, v] = [project(x, "q"), project(x, "k"), project(x, "v")]; // v [B, H, N, E]
    const placed = asSegment("encoding", () => encodeBoth(relative, q, k)); // [B, H, N, D·widening]
    return finish(
      x,
      asSegment("operator", () => attend({ ...placed, v })),
      v,
    );
  };
}
