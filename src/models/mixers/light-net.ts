// LightNet attention as a token mixer.

import type { MixerSpec } from "#case/case";
import { lightNetAttention } from "../light-net-attention.ts";
import type { MixerTools, TokenMixer } from "../mixer.ts";
import type { LayerPlace } from "../place.ts";
import { relativeEncoding } from "../positions.ts";

/** Additive decay: one scan whatever the dimension of the grid. */
export async function lightNetMixer(
  { operator, encoding, norm }: MixerSpec,
  place: LayerPlace,
  { own, tables, engine, observe }: MixerTools,
): Promise<TokenMixer> {
  const relative = await relativeEncoding(encoding, place, tables);
  const layer = await lightNetAttention({ operator, norm, place, relative, observe }, engine);
  return (x) =>
    layer(x, { wq: own("wq"), wk: own("wk"), wv: own("wv"), wu1: own("wu1"), wu2: own("wu2"), wo: own("wo") });
}
