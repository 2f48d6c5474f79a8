// The inputs of the conformance kit: shapes and values at which implementations go wrong.

import type { Random } from "#base/random";
import type { NamedTensor } from "#base/safetensors";
import { shapeOf } from "#case/shape";
import { isResumable, traitsOf, type OperatorSpec, type Shape } from "#case/case";
import type { InputName, OperatorDeclaration } from "./operator.ts";
import { optionalShapes, randomInputs, withShapes } from "./random-inputs.ts";

export interface ConformanceCase {
  readonly id: string;
  readonly spec: OperatorSpec;
  readonly shape: Shape;
  readonly inputs: { readonly [Name in InputName]?: NamedTensor };
  readonly cotangent: NamedTensor;
}

type Changes = (inputs: Record<string, NamedTensor>, shape: Shape, random: Random) => Record<string, NamedTensor>;

interface Plan {
  readonly id: string;
  readonly shape: Shape;
  readonly quick?: boolean;
  readonly changes?: Changes;
}

/**
 * One token; more tokens than a chunk and not a multiple of it, D ≠ E, a prefix before grids; heads as wide as those
 * that are timed; whole chunks; logits of ±500 or strong decays; decays of exactly 0; logits that share an offset of thousands;
 * padding at the end, at the start, everywhere; an initial state. Cases that the operator calls impossible are left out.
 *
 * @param quick only the cases that the gate before timing needs
 */
export function conformanceCases(
  operator: OperatorDeclaration,
  spec: OperatorSpec,
  random: Random,
  quick = false,
): ConformanceCase[] {
  return plansFor(spec)
    .filter((plan) => (!quick || plan.quick === true) && operator.impossible(spec, plan.shape) === undefined)
    .map(({ id, shape, changes = (inputs) => inputs }) => {
      const stream = random.fork(id);
      const values = randomInputs(operator, spec, { shape, random: stream });
      const inputs = withShapes(values, operator.inputShapes(spec, shape)) as Record<string, NamedTensor>;
      const cotangent = {
        shape: [shape.B, shape.H, shape.N, shape.E],
        data: stream.fork("cotangent").normals(shape.B * shape.H * shape.N * shape.E),
      };
      return { id, spec, shape, inputs: changes(inputs, shape, stream.fork("changes")), cotangent };
    });
}

/** Grids of 1, 2 and 3 dimensions; the fewest that the number of scans asks for. */
const GRIDS = {
  one: [[1], [1, 1], [1, 1, 1]],
  small: [[37], [5, 7], [2, 3, 6]],
  uneven: [[70], [5, 14], [3, 4, 6]],
  whole: [[192], [12, 16], [4, 6, 8]],
} as const;

function plansFor(spec: OperatorSpec): Plan[] {
  const scans = spec.scans ?? 1;
  const dims = scans <= 2 ? 1 : scans / 2;
  const H = spec.layout === "head-split" ? scans : 2;
  const make = (grid: keyof typeof GRIDS, B: number, D: number, E: number) =>
    shapeOf({ grid: [...GRIDS[grid][dims - 1]!], B, H, D, E, prefix: dims > 1 && grid !== "one" ? 2 : 0 });
  const wide = { ...make("uneven", 1, 64, 64), H: spec.layout === "head-split" ? H : 1 };
  const flat =
    scans === 2 ? [{ id: "grid-with-prefix", shape: shapeOf({ grid: [5, 14], B: 1, H, D: 8, E: 12, prefix: 2 }) }] : [];
  const plain: Plan[] = [
    { id: "one-token", shape: make("one", 2, 4, 6), quick: true },
    { id: "uneven", shape: make("uneven", 1, 6, 10), quick: true },
    { id: "wide", shape: wide, quick: true },
    { id: "whole-chunks", shape: make("whole", 1, 4, 4) },
  ];
  if (!traitsOf(spec).isMixer) return plain;
  return [
    ...plain,
    ...flat,
    { id: "extreme", shape: make("uneven", 1, 16, 8), changes: extreme },
    ...(hasDecays(spec)
      ? [
          { id: "forgetting", shape: make("uneven", 1, 6, 8), changes: forgetting, quick: true },
          // With the current token counted twice and taken off once, a forgotten state is the difference of equal numbers.
          ...(spec.currentToken === "once"
            ? []
            : [{ id: "forgetting-one-channel", shape: make("uneven", 1, 1, 2), changes: forgetting }]),
          { id: "forgetting-padded", shape: make("small", 3, 4, 6), changes: forgettingPadded },
        ]
      : []),
    ...(traitsOf(spec).hasNormaliser
      ? [{ id: "offset", shape: make("uneven", 1, 6, 8), changes: offset, quick: true }]
      : []),
    { id: "padding", shape: make("small", 3, 4, 6), changes: padding, quick: true },
    ...(traitsOf(spec).carries === "tokens"
      ? [{ id: "several-tiles", shape: shapeOf({ grid: [300], B: 1, H: 1, D: 4, E: 6 }), quick: true }]
      : []),
    ...(isResumable(spec)
      ? [{ id: "resumed", shape: make("uneven", 1, 4, 6), changes: resumed(spec), quick: true }]
      : []),
  ];
}

/** Logits up to ±500 (additive, softmax), decays to e^{−5} a token on average (multiplicative). */
const extreme: Changes = (inputs, { N }) => {
  const map = (name: string, change: (value: number, i: number) => number) => {
    const { data, shape } = inputs[name]!;
    return { [name]: { shape, data: data.map(change) } };
  };
  if (inputs["g"] !== undefined) return { ...inputs, ...map("g", (value) => 250 * Math.max(-2, Math.min(2, value))) };
  if (inputs["logDecay"] !== undefined) return { ...inputs, ...map("logDecay", (value) => 100 * value) };
  // Scores of hundreds would only show the rounding of the inputs' products: multiples of 1/4 make them exact.
  const quarters = (value: number) => Math.round(4 * value) / 4;
  return N === 1 ? inputs : { ...inputs, ...map("q", (value) => 64 * quarters(value)), ...map("k", quarters) };
};

function hasDecays({ decay }: OperatorSpec): boolean {
  return decay !== undefined && decay !== "none";
}

/** Every fifth decay is exactly 0: the state is forgotten there. A constant one is 0 in its first head and untouched in the others. */
const forgetting: Changes = (inputs) => {
  const { data, shape } = inputs["logDecay"]!;
  return { ...inputs, logDecay: { shape, data: data.map((value, i) => (i % 5 === 0 ? -Infinity : value)) } };
};

/** Forgotten at tokens that are hidden as well: these neither add nor forget. */
const forgettingPadded: Changes = (inputs, shape, random) => padding(forgetting(inputs, shape, random), shape, random);

/** Logits that share a large part: only their differences count, and those are exact. */
const offset: Changes = (inputs) => {
  const { data, shape } = inputs["g"]!;
  return { ...inputs, g: { shape, data: data.map((value) => 5000 + value) } };
};

/** The first entry padded at the end, the second at the start and in the middle, the third altogether. */
const padding: Changes = (inputs, shape) => {
  const { B, N } = shape;
  const visible = (b: number, t: number) => (b === 0 ? t < N - 5 : b === 1 ? t >= 7 && t !== 20 : false);
  const data = Float32Array.from({ length: B * N }, (_, i) => (visible(Math.floor(i / N), i % N) ? 1 : 0));
  return { ...inputs, mask: { shape: optionalShapes(shape).mask, data } };
};

/** A state from earlier tokens; additive with its lse, some of it −∞: nothing was seen in that channel. */
function resumed(spec: OperatorSpec): Changes {
  return (inputs, shape, random) => {
    const { initialState, initialLse } = optionalShapes(shape);
    const values = (dims: readonly number[]) => random.normals(dims.reduce((a, b) => a * b, 1));
    const state = { initialState: { shape: initialState, data: values(initialState) } };
    if (!traitsOf(spec).hasNormaliser || spec.initialLse === "zero") return { ...inputs, ...state };
    const lse = values(initialLse).map((value, i) => (i % 5 === 4 ? -Infinity : 3 + value));
    return { ...inputs, ...state, initialLse: { shape: initialLse, data: lse } };
  };
}
