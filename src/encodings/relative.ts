// Relative encodings with fixed frequencies, ready for a token mixer.

import * as tf from "#engine/tf";
import { encodeCosine, fixedTables, rotate, type AngleTables } from "./angles.ts";
import type { EncodingOperations, RelativeEncoding, RelativeOptions } from "./encoding.ts";
import { anglesPerAxis, standardFrequencies, tokensOf, type AngleLayout, type Place } from "./place.ts";

/** Leaves q and keys as they are. */
export const none: EncodingOperations = {
  relative: () => ({ widening: 1, isIdentity: true, encode: (x) => x, dispose: () => undefined }),
};

/** One coordinate: the token's place in row-major order. θ_i = 10000^(−2i/D), i < D. */
export const lrpe: EncodingOperations = {
  relative: (options) => cosineForm({ ...options, place: inLine(options.place) }),
};

/** One coordinate an axis; θ_i = 10000^(−2i/w) with w = ⌈D/m⌉ channels an axis. */
export const mdLrpe: EncodingOperations = { relative: cosineForm };

/** θ_i = 10000^(−i/w) with w = ⌈D/2m⌉ pairs an axis; on one axis 10000^(−2i/D). */
export const rope: EncodingOperations = {
  relative: (options) => {
    const layout: AngleLayout = { heads: options.heads, width: options.D / 2, place: options.place };
    return encoding({ tables: fixedTables(frequencies(layout, options, 2), layout), apply: rotate, widening: 1 });
  },
};

function cosineForm(options: RelativeOptions): RelativeEncoding {
  const layout: AngleLayout = { heads: options.heads, width: options.D, place: options.place };
  const tables = fixedTables(frequencies(layout, options, 1), layout);
  const cosineTable = tf.keep(tf.concat([tables.cos, tables.sin], 3));
  const relative = encoding({ tables, apply: encodeCosine, widening: 2 });
  const dispose = () => {
    relative.dispose();
    cosineTable.dispose();
  };
  return { ...relative, cosineTable, dispose };
}

/**
 * Shared frequencies: every axis starts again at 1. Per axis: the frequencies of all axes form one falling series.
 * `pairing` is 2 where an angle turns two channels.
 */
function frequencies(
  { heads, width, place }: AngleLayout,
  { perAxis = false }: RelativeOptions,
  pairing: number,
): Float64Array {
  const count = perAxis ? width : anglesPerAxis(width, place.grid.length);
  return standardFrequencies(heads, count, { D: pairing * count });
}

function inLine(place: Place): Place {
  const prefix = place.prefix ?? 0;
  return { ...place, grid: [tokensOf(place) - prefix] };
}

interface Parts {
  readonly tables: AngleTables;
  readonly apply: (x: tf.Tensor, tables: AngleTables) => tf.Tensor;
  readonly widening: 1 | 2;
}

/** The tables outlive the tidy they are made in. */
function encoding({ tables, apply, widening }: Parts): RelativeEncoding {
  tf.keep(tables.cos);
  tf.keep(tables.sin);
  return {
    widening,
    isIdentity: false,
    encode: (x) => apply(x, tables),
    dispose: () => tf.dispose([tables.cos, tables.sin]),
  };
}
