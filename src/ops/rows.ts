// Errors position by position: one number for a whole tensor would hide its late rows, which in causal attention are
// means of many values and so much smaller than the first.

import type { Random } from "#base/random";
import type { NamedTensor } from "#base/safetensors";
import type { DeviceDescription } from "#engine/engine";
import {
  FLOAT32_ROUNDING,
  largestMagnitude,
  toleranceOf,
  worstRow,
  type Precision,
  type RowScale,
} from "#engine/tolerance";
import type { Evaluation, NamedError, NamedTensors, Values } from "./compare.ts";

/**
 * Expected values, and how much each output moves when all that is summed is rounded once: an allowance, so that it is asked
 * for only where an output is outside its tolerance without. It costs as much as the definition, several times.
 */
export interface Expected extends Evaluation {
  readonly rounding: () => Values;
}

interface Item {
  readonly inputs: NamedTensors;
}

/** Logarithms: only their differences are exponentiated, which kernels form exactly. */
const NEVER_MOVED: readonly string[] = ["g", "initialLse", "mask"];

interface Moved<T> {
  readonly exact: Values;
  readonly outputsOf: (item: T) => Values;
  /** how often the inputs are moved; default 4 */
  readonly moves?: number;
  /** what the changes are multiplied by; default 1 */
  readonly growth?: number;
}

/** How much outputs change when the terms of every sum are rounded to float32: a float64 reference on inputs moved at random. */
export function roundingOf<T extends Item>(
  item: T,
  random: Random,
  { exact, outputsOf, moves = 4, growth = 1 }: Moved<T>,
): Values {
  const largest = new Map(Object.entries(exact).map(([name, { length }]) => [name, new Float64Array(length)]));
  for (let move = 0; move < moves; move++) {
    const outputs = outputsOf(roundedAtRandom(item, random.fork(`rounding ${move}`)));
    for (const [name, changes] of largest) raise(changes, exact[name]!, outputs[name]!, growth);
  }
  return Object.fromEntries(largest);
}

/** changes[i] ← max(changes[i], factor |b_i − a_i|); infinities do not count. */
function raise(changes: Float64Array, a: ArrayLike<number>, b: ArrayLike<number>, factor: number): void {
  for (let i = 0; i < changes.length; i++) {
    const change = factor * Math.abs(b[i]! - a[i]!);
    if (change > changes[i]! && change < Infinity) changes[i] = change;
  }
}

function roundedAtRandom<T extends Item>(item: T, random: Random): T {
  const inputs = Object.fromEntries(
    Object.entries(item.inputs).map(([name, tensor]) => [
      name,
      NEVER_MOVED.includes(name) ? tensor : { shape: tensor.shape, data: movedBy(tensor.data, random) },
    ]),
  );
  return { ...item, inputs };
}

/** Float64 in the guise of the tensors' float32: a reference copies whatever numbers it is given. */
function movedBy(data: ArrayLike<number>, random: Random): NamedTensor["data"] {
  const moved = new Float64Array(data.length);
  for (let i = 0; i < moved.length; i++)
    moved[i] = data[i]! * (1 + (random.uniform() < 0.5 ? -1 : 1) * FLOAT32_ROUNDING);
  return moved as unknown as NamedTensor["data"];
}

export interface RowsCompared {
  readonly precision: Precision;
  readonly kind: DeviceDescription["kind"];
  /** shapes of outputs and, under the names of inputs, of gradients */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

/**
 * The worst row of everything expected that was computed. Outputs that were not formed (a state, say) are left out; a missing `out`
 * or gradient counts as ∞.
 */
export function rowErrorsOf(
  actual: Evaluation,
  expected: Expected,
  { precision, kind, shapes }: RowsCompared,
): NamedError[] {
  const tolerance = toleranceOf(precision, kind);
  const scale = Math.max(0, ...Object.values(expected.gradients).map(largestMagnitude));
  let allowed: Values | undefined;
  const compare = (
    part: "outputs" | "gradients",
    name: string,
    rest: Pick<RowScale, "tolerance" | "scale">,
  ): NamedError => {
    const shape = shapes[name]!;
    const width = rowWidth(name, shape);
    const values = expected[part][name]!;
    const worst = (rounding: ArrayLike<number>) =>
      worstRow(actual[part][name] ?? [], values, width, { ...rest, precision, rounding });
    const worstOutput = () => {
      const strict = worst([]);
      if (strict.error <= rest.tolerance) return strict;
      return worst(largestOfRows((allowed ??= expected.rounding())[name]!, width));
    };
    // Terms of a gradient cancel by construction (weights sum to 1), which moving the inputs cannot show: the largest row stands for them.
    const worstGradient = () =>
      worst(new Float64Array(values.length / width).fill(FLOAT32_ROUNDING * largestMagnitude(values)));
    const { error, row } = part === "outputs" ? worstOutput() : worstGradient();
    const label = part === "outputs" ? name : `grad.${name}`;
    return { name: label, error, tolerance: rest.tolerance, at: placeOf(row, name, shape) };
  };
  const formed = Object.keys(expected.outputs).filter((name) => name === "out" || actual.outputs[name] !== undefined);
  return [
    ...formed.map((name) => compare("outputs", name, { tolerance: tolerance.output })),
    ...Object.keys(expected.gradients).map((name) =>
      compare("gradients", name, { tolerance: tolerance.gradient, scale }),
    ),
  ];
}

/** The numbers of one token and head, of a state's channel, or the channels of one head; a single one where there are no channels. */
function rowWidth(name: string, shape: readonly number[]): number {
  const single = name === "logDecay" && shape.length < 4;
  return single ? 1 : shape.at(-1)!;
}

function largestOfRows(values: ArrayLike<number>, width: number): Float64Array {
  const largest = new Float64Array(Math.ceil(values.length / width));
  for (let i = 0; i < values.length; i++) {
    const row = Math.floor(i / width);
    largest[row] = Math.max(largest[row]!, values[i]!);
  }
  return largest;
}

const AXES: Readonly<Record<string, readonly string[]>> = {
  state: ["batch", "head", "channel"],
  initialState: ["batch", "head", "channel"],
  lse: ["batch", "head"],
  initialLse: ["batch", "head"],
};

/** "batch 0, head 1, token 69" */
export function placeOf(row: number, name: string, shape: readonly number[]): string {
  const width = rowWidth(name, shape);
  const axes = width === 1 && name === "logDecay" ? shape : shape.slice(0, -1);
  const known =
    AXES[name] ??
    (name === "logDecay" && axes.length === 1 ? ["head"] : ["batch", "head", "token"].slice(0, axes.length));
  const names = axes.length > known.length ? ["direction", ...known] : known;
  let rest = row;
  const places: string[] = [];
  for (let axis = axes.length - 1; axis >= 0; axis--) {
    places.unshift(`${names[axis] ?? "axis"} ${rest % axes[axis]!}`);
    rest = Math.floor(rest / axes[axis]!);
  }
  return places.join(", ");
}

/** Shapes of what an evaluation gives. */
export function shapesOf(
  inputs: NamedTensors,
  {
    B,
    H,
    N,
    D,
    E,
  }: { readonly B: number; readonly H: number; readonly N: number; readonly D: number; readonly E: number },
): Readonly<Record<string, readonly number[]>> {
  const ofInputs = Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
  return { ...ofInputs, out: [B, H, N, E], state: [B, H, D, E], lse: [B, H, D] };
}
