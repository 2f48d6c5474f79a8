// Weights as declarations: names, shapes and initial values, without a tensor library. The same list makes the
// variables and gives the parameter count, so that the two cannot disagree.

import type { Random } from "#base/random";

export interface WeightDeclaration {
  /** path within the model: "block0.mixer.wq" */
  readonly name: string;
  readonly shape: readonly number[];
  /** values in row-major order, from a stream that belongs to this name alone */
  readonly initial: (random: Random, count: number) => Float32Array<ArrayBuffer>;
  /** whether weight decay applies: to matrices, not to gains, biases, decays and positions */
  readonly decays: boolean;
  /** a matrix product, two operations a parameter, done once for each of these */
  readonly appliedPer?: "token" | "example";
}

const values = (make: (random: Random) => number) => (random: Random, count: number) =>
  Float32Array.from({ length: count }, () => make(random));

/**
 * A projection `[inputs, outputs]`, normal with variance gain²/inputs.
 *
 * @param gain 1 keeps the variance of the input; residual branches end with 1/√(2·depth)
 */
export function projection(name: string, inputs: number, outputs: number, gain = 1): WeightDeclaration {
  const scale = gain / Math.sqrt(inputs);
  return {
    name,
    shape: [inputs, outputs],
    initial: (random, count) => random.normals(count, scale),
    decays: true,
    appliedPer: "token",
  };
}

/** A vector or table that starts at one value and takes no weight decay. */
export function constantWeight(name: string, shape: readonly number[], value: number): WeightDeclaration {
  return { name, shape, initial: (_, count) => new Float32Array(count).fill(value), decays: false };
}

/** A vector or table whose entries are drawn one by one, without weight decay. */
export function drawnWeight(
  name: string,
  shape: readonly number[],
  draw: (random: Random) => number,
): WeightDeclaration {
  return { name, shape, initial: values(draw), decays: false };
}

/** The same weights under a path. */
export function within(path: string, declarations: readonly WeightDeclaration[]): WeightDeclaration[] {
  return declarations.map((weight) => ({ ...weight, name: `${path}.${weight.name}` }));
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

/** Number of trained values. */
export function countParameters(declarations: readonly WeightDeclaration[]): number {
  return declarations.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
