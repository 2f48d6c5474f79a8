// Relative encodings, ready for a token mixer: with fixed frequencies, whose tables are made once, or with trained ones.

import * as tf from "#engine/tf";
import { COSINE, frequencyCount, HALF_COSINE, ROTATING, startFrequencies, type AngleForm } from "#weights/angle-forms";
import { encodeCosine, encodeHalfCosine, fixedTables, rotate, tablesOf, type AngleTables } from "./angles.ts";
import type { EncodingOperations, RelativeEncoding, RelativeOptions } from "./encoding.ts";
import { tokensOf, type AngleLayout, type Place } from "./place.ts";

/** Leaves q and keys as they are. */
export const none: EncodingOperations = {
  relative: () => ({ widening: 1, isIdentity: true, encode: (x) => x, dispose: () => undefined }),
};

/** What a form of angles does on tensors. */
interface TensorForm {
  readonly form: AngleForm;
  apply(x: tf.Tensor, tables: AngleTables): tf.Tensor;
  /** cosine forms: tables of D angles that make the same products of [x∘cos ; x∘sin] */
  asCosine?(tables: AngleTables): AngleTables;
}

const cosineForm: TensorForm = {
  form: COSINE,
  apply: encodeCosine,
  asCosine: (tables) => tables,
};

const rotatingForm: TensorForm = { form: ROTATING, apply: rotate };

const halfCosineForm: TensorForm = {
  form: HALF_COSINE,
  apply: encodeHalfCosine,
  // Channels without position have the angle 0.
  asCosine: ({ cos, sin }) => ({
    cos: tf.concat([cos, tf.onesLike(cos)], 3),
    sin: tf.concat([sin, tf.zerosLike(sin)], 3),
  }),
};

/** One coordinate: the token's place in row-major order. θ_i = 10000^(−2i/D), i < D. */
export const lrpe: EncodingOperations = {
  relative: (options) => relativeOf(cosineForm, { ...options, place: inLine(options.place) }),
};

/** One coordinate an axis; θ_i = 10000^(−2i/w) with w = ⌈D/m⌉ channels an axis. */
export const mdLrpe: EncodingOperations = { relative: (options) => relativeOf(cosineForm, options) };

/** θ_i = 10000^(−i/w) with w = ⌈D/2m⌉ pairs an axis; on one axis 10000^(−2i/D). Also the start of md-lrpe-rotating. */
export const rotating: EncodingOperations = { relative: (options) => relativeOf(rotatingForm, options) };

/** θ_i = 10000^(−2i/w) with w = ⌈D/2m⌉ channels an axis; the second half of the channels has no position. */
export const mdLrpeHalf: EncodingOperations = { relative: (options) => relativeOf(halfCosineForm, options) };

function relativeOf({ form, apply, asCosine }: TensorForm, options: RelativeOptions): RelativeEncoding {
  const { heads, D, place, perAxis, theta } = options;
  const layout: AngleLayout = { heads, width: form.width(D), place };
  const common = { widening: form.widening, isIdentity: false };
  if (theta !== undefined)
    return {
      ...common,
      encode: (x) => apply(x, tablesOf(theta(), layout)),
      encodeBoth(q, k) {
        const tables = tablesOf(theta(), layout);
        return { q: apply(q, tables), k: apply(k, tables) };
      },
      dispose: () => undefined,
    };
  const count = frequencyCount(form, D, place.grid, perAxis);
  const tables = fixedTables(startFrequencies(form, heads, count), layout);
  const cosineTable = asCosine === undefined ? undefined : tf.tidy(() => joined(asCosine(tables)));
  const held = [tables.cos, tables.sin, ...(cosineTable === undefined ? [] : [cosineTable])];
  for (const tensor of held) tf.keep(tensor); // they outlive the tidy they are made in
  return {
    ...common,
    encode: (x) => apply(x, tables),
    ...(cosineTable === undefined ? {} : { cosineTable }),
    dispose: () => tf.dispose(held),
  };
}

function joined({ cos, sin }: AngleTables): tf.Tensor {
  return tf.concat([cos, sin], 3);
}

function inLine(place: Place): Place {
  const prefix = place.prefix ?? 0;
  return { ...place, grid: [tokensOf(place) - prefix] };
}
