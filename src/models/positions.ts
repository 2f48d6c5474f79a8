// How a model takes in where its tokens stand: relative encodings within each mixer, absolute ones on the embedding.

import { encodeCosine, fixedTables, rotate, type AngleTables } from "#encodings/angles";
import { anglesPerAxis, standardFrequencies, tokensOf, type Place } from "#encodings/place";
import * as tf from "#engine/tf";
import type { MixerSpec } from "#suite/case";
import type { TokenGrid } from "./backbone-weights.ts";
import type { MixerPlace } from "./mixer-weights.ts";
import type { Constants, Parameters } from "./parameters.ts";

/** An encoding of q and k by their positions. */
export interface RelativeEncoding {
  /** width of an encoded key over that of a plain one */
  readonly widening: 1 | 2;
  /** nothing happens here: no encoding, or one that stands on the embedding */
  readonly isIdentity: boolean;
  /** [..., B, H, N, D] → [..., B, H, N, D·widening] */
  encode(x: tf.Tensor): tf.Tensor;
}

const IDENTITY: RelativeEncoding = { widening: 1, isIdentity: true, encode: (x) => x };

/** The encoding of a mixer's q and k. Its tables are made now, once a model. */
export function relativeEncoding(encoding: MixerSpec["encoding"], place: MixerPlace, constants: Constants): RelativeEncoding {
  const D = place.width / place.heads;
  switch (encoding) {
    case "none":
    case "sinusoidal":
    case "learned":
      return IDENTITY;
    case "lrpe":
    case "md-lrpe": {
      const tables = angleTables(encoding, D, place, constants);
      return { widening: 2, isIdentity: false, encode: (x) => encodeCosine(x, tables) };
    }
    case "rope": {
      const tables = angleTables(encoding, D / 2, place, constants);
      return { widening: 1, isIdentity: false, encode: (x) => rotate(x, tables) };
    }
  }
}

/** Fixed frequencies base^(−2i/D), shared by the axes of the grid; `lrpe` counts the tokens in one row. */
function angleTables(encoding: "lrpe" | "md-lrpe" | "rope", width: number, { heads, grid, prefix, ...rest }: MixerPlace, constants: Constants): AngleTables {
  const place: Place = encoding === "lrpe" ? { grid: [tokensOf({ grid })], prefix } : { grid, prefix };
  const D = rest.width / heads;
  const layout = { heads, width, place };
  const theta = standardFrequencies(heads, anglesPerAxis(width, place.grid.length), encoding === "rope" ? { D: D / place.grid.length } : { D });
  let tables: AngleTables | undefined;
  const table = (part: "cos" | "sin") => constants.constant(`${encoding}.${part}`, () => (tables ??= fixedTables(theta, layout))[part]);
  return { cos: table("cos"), sin: table("sin") };
}

/** Absolute encodings: x [B, N, C] plus a table over the grid; prefix tokens have none. */
export function createPositions(encoding: MixerSpec["encoding"], { prefix }: TokenGrid, parameters: Parameters): (x: tf.Tensor) => tf.Tensor {
  if (encoding === "learned") {
    return (x) => tf.add(x, tf.pad(parameters.get("position") as tf.Tensor2D, [[prefix, 0], [0, 0]]));
  }
  return (x) => x;
}
