// What an operator case computes on: inputs of every set, alike for all contenders of a point, and what a call is checked by.

import { defined } from "#base/defined";
import { Random } from "#base/random";
import type { RunningEngine } from "#engine/engine";
import { currentKernels } from "#engine/registry";
import * as tf from "#engine/tf";
import { toHalfInputs } from "#ops/half";
import type { InputName, Inputs } from "#ops/operator";
import { randomInputs, toTensors, type DrawnInputs } from "#ops/random-inputs";
import { operators } from "#ops/registry";
import type { CheckedForm } from "#ops/timed-check";
import type { OperatorCase, Shape } from "#case/case";

/**
 * Inputs in rotation should not fit into the caches near the core, within reason. Two at least, so that who gives the output of
 * another call is found; one where memory is measured.
 */
const ROTATED_BYTES = 64 * 2 ** 20;
const LEAST_INPUT_SETS = 2;
const MOST_INPUT_SETS = 4;
/** Drawing more than this in this process would take longer than measuring. */
const DRAWN_NUMBERS = 2 ** 25;

export interface DrawnOperator {
  /** float16 where the case stores so */
  readonly sets: readonly Inputs<tf.Tensor>[];
  /** float32 [B, H, N, E] */
  readonly cotangent: tf.Tensor;
  readonly form: CheckedForm;
  /** decides which parts of a call are checked */
  readonly toCheck: Random;
}

/** Inputs of a case at a shape; one set where memory is measured. They are the caller's. */
export function drawOperator(item: OperatorCase, shape: Shape, engine: RunningEngine): DrawnOperator {
  const declaration = operators.get(item.spec.op);
  const random = new Random(item.seed);
  const shapes = declaration.inputShapes(item.spec, shape);
  const setBytes =
    4 * Object.values(shapes).reduce((sum, axes) => sum + axes.reduce((product, axis) => product * axis, 1), 0);
  const rotated = Math.min(MOST_INPUT_SETS, Math.max(LEAST_INPUT_SETS, Math.ceil(ROTATED_BYTES / setBytes)));
  const isMemory = item.quantity === "memory";
  const kept = isMemory ? undefined : drawnBy(item.seed); // what is kept would be counted
  const sets = inputsOf(item, shape, { random: random.fork("inputs"), count: isMemory ? 1 : rotated, kept });
  const { B, H, N, E } = shape;
  const [rows, heads] = drawnBatch(shape);
  const cotangent = repeatedTo(
    [B, H, N, E],
    tf.tensor(random.fork("cotangent").normals(rows * heads * N * E), [rows, heads, N, E]),
  );
  const { spec, pass, precision } = item;
  const form = { operator: declaration, spec, shape, pass, precision, kind: engine.device.kind };
  const toCheck = random.fork("parts to check");
  return { sets, cotangent, form, toCheck };
}

/** How many get values of their own: all, or one head whose values the others share, where all are too many numbers to draw. */
function drawnBatch({ B, H, N, D, E }: Shape): readonly [B: number, H: number] {
  return B * H * N * Math.max(D, E) > DRAWN_NUMBERS ? [1, 1] : [B, H];
}

const drawnBySeed = new Map<number, DrawnInputs>();

/** The contenders of a point share their values: drawing them for each anew took longer than measuring. */
function drawnBy(seed: number): DrawnInputs {
  const kept = drawnBySeed.get(seed) ?? new Map();
  drawnBySeed.set(seed, kept);
  return kept;
}

/** Random inputs of a contender: each set has the values of the first one at other places, since drawing them again would take longer than the cell. */
function inputsOf(
  item: OperatorCase,
  shape: Shape,
  { random, count, kept }: { random: Random; count: number; kept: DrawnInputs | undefined },
): Inputs<tf.Tensor>[] {
  const declaration = operators.get(item.spec.op);
  const [B, H] = drawnBatch(shape);
  const drawn = { ...shape, B, H };
  const values = randomInputs(declaration, item.spec, { shape: drawn, random, ...defined({ kept }) });
  const whole = declaration.inputShapes(item.spec, shape);
  return Array.from({ length: count }, (_, set) => {
    const tensors = Object.entries(toTensors(rotatedBy(set, values), declaration.inputShapes(item.spec, drawn)));
    const inputs = Object.fromEntries(
      tensors.map(([name, tensor]) => [name, repeatedTo(whole[name as InputName]!, tensor)]),
    );
    if (item.precision !== "float16") return inputs;
    const halves = toHalfInputs(inputs, currentKernels().half!);
    tf.dispose(inputs);
    return halves;
  });
}

/** Values moved on by some thousand places for every set; decays that belong to a head stay with it. */
function rotatedBy<T extends Inputs<Float32Array<ArrayBuffer>>>(set: number, values: T): T {
  const moved = Object.entries(values).map(([name, data]: [string, Float32Array<ArrayBuffer>]) => {
    const by = name === "logDecay" && data.length < ROTATION ? 0 : (set * ROTATION) % data.length;
    const rotated = new Float32Array(data.length);
    rotated.set(data.subarray(by));
    rotated.set(data.subarray(0, by), data.length - by);
    return [name, rotated];
  });
  return Object.fromEntries(moved) as T;
}
const ROTATION = 4099; // a prime, no multiple of any width

/** A tensor tiled to a shape whose axes are multiples of its own; the tensor itself where they are equal. */
function repeatedTo(shape: readonly number[], tensor: tf.Tensor): tf.Tensor {
  const times = shape.map((axis, i) => axis / tensor.shape[i]!);
  if (times.every((count) => count === 1)) return tensor;
  const tiled = tf.tile(tensor, times);
  tensor.dispose();
  return tiled;
}
