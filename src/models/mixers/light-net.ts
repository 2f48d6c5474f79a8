// LightNet attention as a token mixer.

import type { MixerSpec } from "#case/case";
import { lightNetAttention } from "../light-net-attention.ts";
import type { MixerTools, TokenMixer } from "../token-mixer.ts";
import type { LayerPlace } from "../place.ts";
import { relativeEncoding } from "../positions.ts";

/** Additive decay: one scan whatever the dimension of the grid. */
export async function lightNetMixer(
  spec: MixerSpec,
  place: LayerPlace,
  { own, tables, engine, observe, asSegment }: MixerTools,
): Promise<TokenMixer> {
  const relative = await relativeEncoding(spec, place, { own, tables });
  const layer = await lightNetAttention({ spec, place, relative, observe, asSegment }, engine);
  return (x) => layer(x, own);
}
