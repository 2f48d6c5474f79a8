// Matrix products of our own with operands that are computed while they are read: the two large products of every
// linear-attention form, without its weights ever being written to memory.

import * as tf from "../tf.ts";
import { ones, quads, readOnly, stored } from "./bindings.ts";
import type { Binding, Gpu } from "./dispatch.ts";
import { isHalf, widthOf } from "./half.ts";
import { partsOfInner, undivided } from "./shares.ts";
import { NUMBERS } from "./wgsl/numbers.ts";
import { productGrid, productProgram, tileOf } from "./wgsl/product.ts";
import { asHalves, inQuads, oneOf, quadReader, unroll, XYZW } from "./wgsl/text.ts";

/** X [G, rows, inner] (`transposed`: [G, inner, rows]) */
type Matrix =
  { readonly kind: "plain"; readonly x: tf.Tensor3D } | { readonly kind: "transposed"; readonly x: tf.Tensor3D };

/** A matrix, or p = e^{x − top}, times key, with top [G, inner], or what cosine LRPE makes of x or p while they are read. */
export type Operand =
  | Matrix
  | { readonly kind: "tokenWeights"; readonly x: tf.Tensor3D; readonly top: tf.Tensor2D; readonly key?: tf.Tensor3D }
  | Encoded;

/** [x∘cos ; x∘sin] of x, or of e^{x − top}: tokens × 2D, `encodedTransposed` 2D × tokens. */
export interface Encoded {
  readonly kind: "encoded" | "encodedTransposed";
  readonly x: tf.Tensor3D; // [G, N, D]
  /** cosines, then sines; row g uses head g mod H */
  readonly table: tf.Tensor3D; // [H, N, 2D]
  readonly top?: tf.Tensor2D; // [G, D]
}

export interface Product {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly a: Operand;
  readonly b: Matrix;
  /** default a float32 tensor of the products; where it is given the inner axis is not divided */
  readonly into?: Into;
}

/** What is made of the products. */
export interface Into {
  /** by name, [G, rows, columns], all float32 or all halves */
  readonly outputs: Readonly<Record<string, tf.Tensor>>;
  /** WGSL that sets `made.NAME` of every output from each `value` of (head, m, n), `at` its index in [G, rows, columns] */
  readonly code: string;
  /** what the code reads */
  readonly bindings: readonly Binding[];
}

/** The products themselves. */
export function asTheyAre(results: tf.Tensor): Into {
  return { outputs: { results }, code: "made.results = value;", bindings: [] };
}

/** A(g) B(g) for every g of the batch: [G, rows, columns]. A, its key and a plain B may be stored as float16; what is encoded, and a transposed B, may not. */
export function product(gpu: Gpu, call: Product): tf.Tensor3D {
  const { batch, rows, columns, inner, a, b } = call;
  const tiles = Math.ceil(rows / tileOf(rows)) * Math.ceil(columns / tileOf(columns));
  const { parts, slices } = call.into === undefined ? partsOfInner(batch * tiles, rows, inner) : undivided(inner);
  const into = call.into ?? asTheyAre(gpu.output<tf.Rank.R4>([parts, batch, rows, columns]));
  gpu.run({
    code: productProgram({
      rows,
      columns,
      alongK: a.kind !== "transposed" && a.kind !== "encodedTransposed",
      functions: `${NUMBERS}\n${WEIGHT_OF}\n${loadA(a)}\n${loadB(b)}\n${storeMade(into)}`,
    }),
    bindings: [
      ...Object.entries(into.outputs).map(([name, tensor]) => stored(name, tensor)),
      ...into.bindings,
      ...bindingsOfA(a),
      b.kind === "plain" ? quads("b", b.x) : readOnly("b", b.x),
    ],
    params: { M: rows, N: columns, K: inner, slices, batch, ...(isEncoded(a) ? { heads: a.table.shape[0] } : {}) },
    grid: productGrid({ rows, columns }, batch, parts),
  });
  const results = Object.values(into.outputs)[0]!;
  if (call.into !== undefined) return results as tf.Tensor3D;
  return parts === 1 ? tf.reshape(results, [batch, rows, columns]) : (tf.sum(results, 0) as tf.Tensor3D);
}

/** A hidden token weighs nothing. */
const WEIGHT_OF = `fn weightOf(logit: f32, top: f32) -> f32 { return select(exp(logit - top), 0.0, logit < UNSEEN); }`;

function isEncoded(a: Operand): a is Encoded {
  return a.kind === "encoded" || a.kind === "encodedTransposed";
}

function bindingsOfA(a: Operand): Binding[] {
  if (isEncoded(a))
    return [readOnly("a", a.x), readOnly("aTable", a.table), ...(a.top === undefined ? [] : [readOnly("aTop", a.top)])];
  if (a.kind === "transposed") return [quads("a", a.x)];
  if (a.kind === "plain") return [ones("a", a.x)];
  return [ones("a", a.x), readOnly("aTop", a.top), ...(a.key === undefined ? [] : [ones("aKey", a.key)])];
}

/** Four tokens of a channel, or four channels of a token. */
function loadEncoded({ kind, top }: Encoded): string {
  const [tokens, width] = kind === "encoded" ? ["params.M", "params.K"] : ["params.K", "params.M"];
  const element = (i: number) => {
    const [token, column] = kind === "encoded" ? [`m + ${i}`, "k"] : ["k", `m + ${i}`];
    const channel = `(${column}) % (${width} / 2)`;
    const x = `a[(g * ${tokens} + ${token}) * (${width} / 2) + ${channel}]`;
    const value = top === undefined ? x : `weightOf(${x}, aTop[g * (${width} / 2) + ${channel}])`;
    return `${value} * aTable[(g % params.heads * ${tokens} + ${token}) * ${width} + ${column}]`;
  };
  return `fn loadA(g: i32, m: i32, k: i32) -> vec4<f32> {
  var value = vec4<f32>(0.0);
  ${unroll(4, (i) => `if (m + ${i} < params.M) { value.${XYZW[i]!} = ${element(i)}; }`)}
  return value;
}`;
}

function loadA(a: Operand): string {
  if (isEncoded(a)) return loadEncoded(a);
  if (a.kind === "transposed") {
    return `${quadReader("readA", "a", { text: "params.M", quads: inQuads(widthOf(a.x)), halves: isHalf(a.x) })}
fn loadA(g: i32, m: i32, k: i32) -> vec4<f32> { return readA(g * params.K + k, m); }`;
  }
  const element = (at: string): string => {
    const x = oneOf("a", at, isHalf(a.x));
    if (a.kind === "plain") return x;
    const weight = `weightOf(${x}, aTop[g * params.K + k])`;
    return a.key === undefined ? weight : `${weight} * ${oneOf("aKey", at, isHalf(a.key))}`;
  };
  return `fn loadA(g: i32, m: i32, k: i32) -> vec4<f32> {
  let first = (g * params.M + m) * params.K + k;
  let rows = params.M - m;
  var value = vec4<f32>(0.0);
  ${unroll(4, (i) => `if (rows > ${i}) { value.${XYZW[i]!} = ${element(`first + ${i} * params.K`)}; }`)}
  return value;
}`;
}

function loadB(b: Product["b"]): string {
  if (b.kind === "plain") {
    return `${quadReader("readB", "b", { text: "params.N", quads: inQuads(widthOf(b.x)), halves: isHalf(b.x) })}
fn loadB(g: i32, k: i32, n: i32) -> vec4<f32> { return readB(g * params.K + k, n); }`;
  }
  return `fn loadB(g: i32, k: i32, n: i32) -> vec4<f32> {
  let first = (g * params.N + n) * params.K + k;
  let rows = params.N - n;
  var value = vec4<f32>(0.0);
  ${unroll(4, (i) => `if (rows > ${i}) { value.${XYZW[i]!} = b[first + ${i} * params.K]; }`)}
  return value;
}`;
}

/** Writes what `code` makes of every value; the parts of a divided inner axis apart from each other. */
function storeMade({ outputs, code }: Into): string {
  const names = Object.keys(outputs);
  const made = (i: number) => `let made${i} = madeOf(g, m, n + ${i}, first + ${i}, c.${XYZW[i]!});`;
  const quadOf = (name: string) => `vec4<f32>(${XYZW.map((_, i) => `made${i}.${name}`).join(", ")})`;
  const store = Object.values(outputs).every(isHalf)
    ? `${unroll(4, made)}\n  ${names.map((name) => `${name}[first / 4] = ${asHalves(quadOf(name))};`).join("\n  ")}`
    : unroll(
        4,
        (i) =>
          `if (n + ${i} < params.N) { ${made(i)} ${names.map((name) => `${name}[first + ${i}] = made${i}.${name};`).join(" ")} }`,
      );
  return `struct Made { ${names.map((name) => `${name}: f32`).join(", ")} }
fn madeOf(head: i32, m: i32, n: i32, at: i32, value: f32) -> Made {
  var made: Made;
  ${code}
  return made;
}
fn store(g: i32, part: i32, m: i32, n: i32, c: vec4<f32>) {
  let first = ((part * params.batch + g) * params.M + m) * params.N + n;
  ${store}
}`;
}
