// What a vector file must hold: tensors and params of its op and no others, in the shapes that follow from them. A file that
// says more than is compared would pass for checks that nobody makes.

import type { z } from "zod";
import { DataError } from "#base/errors";
import type { Vector } from "./vectors.ts";

export type Dims = readonly number[];

/** By the names in the file, without `in.` and `out.`. */
export interface VectorLayout {
  readonly inputs: Readonly<Record<string, Dims>>;
  readonly optionalInputs?: Readonly<Record<string, Dims>>;
  readonly out: Dims;
  /** final states and the like, each of which a file may give */
  readonly otherOutputs?: Readonly<Record<string, Dims>>;
}

/** Most numbers of one head's states over all tokens that a float64 reference holds: 2⁻² GB. */
const MOST_STATES = 2 ** 24;
/** Most tokens: references of softmax and of short filters work token against token. */
const MOST_TOKENS = 2 ** 14;

/** @throws {DataError} a tensor that is missing, of another shape, or of no meaning for this op */
export function checkLayout(vector: Vector, layout: VectorLayout): void {
  const { path, op, inputs, outputs, gradients, cotangent } = vector;
  const given = new Map(Object.entries(inputs));
  const known = new Map(Object.entries({ ...layout.inputs, ...layout.optionalInputs }));
  for (const name of Object.keys(layout.inputs)) {
    if (!given.has(name)) throw new DataError(path, `\`in.${name}\` is missing: op ${op} takes ${listed(known)}`);
  }
  for (const [name, { shape }] of given) {
    const dims = known.get(name);
    if (dims === undefined)
      throw new DataError(
        path,
        `\`in.${name}\` is no input of op ${op} with these params, which takes ${listed(known)}`,
      );
    expectDims(path, `in.${name}`, dims, shape);
  }
  const made = new Map(Object.entries({ out: layout.out, ...layout.otherOutputs }));
  for (const [name, { shape }] of Object.entries(outputs)) {
    const dims = made.get(name);
    const full = name === "out" ? name : `out.${name}`;
    if (dims === undefined)
      throw new DataError(path, `\`${full}\` is no output of op ${op} with these params, which gives ${listed(made)}`);
    expectDims(path, full, dims, shape);
  }
  expectDims(path, "cotangent", layout.out, cotangent.shape);
  for (const [name, { shape }] of Object.entries(gradients)) {
    const input = given.get(name);
    if (input === undefined) throw new DataError(path, `\`grad.${name}\` is the gradient of no input of the file`);
    expectDims(path, `grad.${name}`, input.shape, shape);
  }
}

function listed(names: ReadonlyMap<string, unknown>): string {
  return [...names.keys()].join(", ");
}

function expectDims(path: string, name: string, expected: Dims, got: Dims): void {
  if (expected.length === got.length && expected.every((axis, i) => axis === got[i])) return;
  throw new DataError(path, `\`${name}\` must be [${expected.join(",")}], got [${got.join(",")}]`);
}

/** The sizes of a tensor with this many axes, each at least 1. @throws {DataError} missing, or of another shape */
export function sizesOf(
  { path, inputs, outputs }: Vector,
  name: `in.${string}` | "out",
  axes: readonly string[],
): number[] {
  const shape = (name === "out" ? outputs["out"] : inputs[name.slice(3)])?.shape;
  const wanted = `[${axes.join(",")}]`;
  if (shape === undefined) throw new DataError(path, `\`${name}\` is missing: ${wanted} is expected`);
  if (shape.length !== axes.length)
    throw new DataError(path, `\`${name}\` must be ${wanted}, got [${shape.join(",")}]`);
  if (shape.some((size) => size < 1))
    throw new DataError(path, `\`${name}\` must be ${wanted} with sizes of at least 1, got [${shape.join(",")}]`);
  return [...shape];
}

/** @throws {DataError} a file whose reference would take minutes, or more memory than there is */
export function checkSize(
  { path }: Vector,
  { N, D, E }: { readonly N: number; readonly D: number; readonly E: number },
) {
  if (N > MOST_TOKENS)
    throw new DataError(
      path,
      `has ${N} tokens; files of at most ${MOST_TOKENS} are checked against the float64 reference`,
    );
  if (N * D * E > MOST_STATES)
    throw new DataError(
      path,
      `has N·D·E = ${N}·${D}·${E}; files of at most ${MOST_STATES} are checked against the float64 reference`,
    );
}

/** The grid of a file, whose tokens follow the prefix: `shape`, or all tokens in one line. @throws {DataError} they do not add up */
export function gridOfTokens(
  { path }: Vector,
  N: number,
  { shape, prefix = 0 }: { readonly shape?: Dims | undefined; readonly prefix?: number | undefined },
): number[] {
  if (prefix >= N) throw new DataError(path, `its prefix of ${prefix} leaves none of N = ${N} tokens for the grid`);
  const grid = [...(shape ?? [N - prefix])];
  const cells = grid.reduce((product, axis) => product * axis, 1);
  if (prefix + cells !== N)
    throw new DataError(path, `its N = ${N} tokens must be prefix + product of shape = ${prefix} + ${cells}`);
  return grid;
}

/** Params by a strict schema. @throws {DataError} a param that the op does not take, or a value that it may not have */
export function parseParams<T extends z.ZodObject>({ path, op, params }: Vector, schema: T): z.output<T> {
  const known = Object.keys(schema.shape);
  for (const name of Object.keys(params)) {
    if (!known.includes(name))
      throw new DataError(path, `its param "${name}" is none of op ${op}, which takes ${known.join(", ")}`);
  }
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const { path: at, message } = parsed.error.issues[0]!;
  throw new DataError(path, `its param "${at.join(".")}" is not right: ${message}`);
}
