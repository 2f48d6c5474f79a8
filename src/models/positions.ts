// How a model takes in where its tokens stand: relative encodings within each mixer, absolute ones on the embedding.

import { UsageError } from "#base/errors";
import type { RelativeEncoding as OwnedEncoding } from "#encodings/encoding";
import { encodings } from "#encodings/registry";
import * as tf from "#engine/tf";
import type { MixerSpec, ModelSpec } from "#case/case";
import { ANGLE_FORMS } from "#weights/angle-forms";
import { tokenCount, type TokenGrid } from "#weights/backbone";
import type { Parameters, SharedTables, Weights } from "./parameters.ts";
import type { LayerPlace } from "./place.ts";

/** An encoding of q and k by their positions; its tables belong to the model. */
export type RelativeEncoding = Omit<OwnedEncoding, "dispose">;

const IDENTITY: RelativeEncoding = { widening: 1, isIdentity: true, encode: (x) => x };

/**
 * The encoding of a mixer's q and k; the identity for encodings that stand on the embedding.
 *
 * @throws {UsageError} heads too narrow for the axes of the grid
 */
export async function relativeEncoding(
  { encoding, angles = "fixed" }: MixerSpec,
  place: LayerPlace,
  { own, tables }: { readonly own: Weights; readonly tables: SharedTables },
): Promise<RelativeEncoding> {
  const { heads, grid, prefix } = place;
  const D = place.width / heads;
  const declaration = encodings.get(encoding);
  const rule = declaration.impossible(D, grid);
  if (rule !== undefined)
    throw new UsageError(
      `Encoding ${encoding} does not fit heads of width ${D} on a grid of ${grid.join("×")}: ${rule}.`,
    );
  const { relative } = await declaration.load();
  if (relative === undefined) return IDENTITY;
  if (angles === "learned" && ANGLE_FORMS[encoding] !== undefined)
    return relative({ heads, D, place: { grid, prefix }, theta: () => own("theta") });
  return tables.shared(`encoding ${encoding}`, () => relative({ heads, D, place: { grid, prefix } }));
}

/** q and k encoded, with tables of both where they are made at every use. */
export function encodeBoth(relative: RelativeEncoding, q: tf.Tensor, k: tf.Tensor) {
  return relative.encodeBoth?.(q, k) ?? { q: relative.encode(q), k: relative.encode(k) };
}

/** Absolute encodings: x [B, N, C] plus a table, trained or fixed. */
export async function createPositions(
  { mixer, width: C }: ModelSpec,
  tokens: TokenGrid,
  parameters: Parameters,
): Promise<(x: tf.Tensor) => tf.Tensor> {
  if (mixer.encoding === "learned") return (x) => tf.add(x, parameters.get("position"));
  const { absolute } = await encodings.get(mixer.encoding).load();
  if (absolute === undefined) return (x) => x;
  const values = absolute({ C, place: tokens }, { normal: () => 0 }); // a fixed table draws nothing
  const table = parameters.shared("position", () => tf.tensor(values, [tokenCount(tokens), C]));
  return (x) => tf.add(x, table);
}
