// Least bytes: what any implementation must read and write, whatever its order of work.

import type { Pass, Shape } from "#case/case";
import type { Work } from "./operator.ts";

const FLOAT_BYTES = 4;

/** Elements of a tensor. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

/**
 * Bytes moved and held at least. Forward: every input read once, the output written once. The backward pass reads the
 * inputs again and the cotangent, and writes one gradient an input. States are held, but need not travel.
 *
 * @param states shapes of final states, held beside inputs and outputs
 */
export function leastWork(
  inputs: readonly (readonly number[])[],
  { B, H, N, E }: Shape,
  pass: Pass,
  states: readonly (readonly number[])[],
): Pick<Work, "leastBytes" | "leastMemory"> {
  const input = inputs.reduce((sum, shape) => sum + sizeOf(shape), 0);
  const state = states.reduce((sum, shape) => sum + sizeOf(shape), 0);
  const out = B * H * N * E;
  const forward = { moved: input + out, held: input + out + state };
  if (pass === "forward") return { leastBytes: FLOAT_BYTES * forward.moved, leastMemory: FLOAT_BYTES * forward.held };
  return {
    leastBytes: FLOAT_BYTES * (forward.moved + 2 * input + out),
    leastMemory: FLOAT_BYTES * (forward.held + input + out),
  };
}
