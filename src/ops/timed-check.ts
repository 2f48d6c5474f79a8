// A timed call against the definition, at the timed shape: what it gave is read when the clock has stopped, and compared when all
// rounds are over.

import { CorrectnessError } from "#base/errors";
import { Random } from "#base/random";
import type { NamedTensor } from "#base/safetensors";
import type { DeviceDescription } from "#engine/engine";
import * as tf from "#engine/tf";
import { roundingGrowth, type Precision } from "#engine/tolerance";
import type { NamedError, NamedTensors, Values } from "./compare.ts";
import type { Inputs } from "./operator.ts";
import { partsOf, type Part, type TimedForm } from "./timed-parts.ts";
import { roundingOf, rowErrorsOf } from "./rows.ts";
import { softmaxRows } from "./softmax/reference-rows.ts";

export interface CheckedForm extends TimedForm {
  readonly precision: Precision;
  readonly kind: DeviceDescription["kind"];
}

/** What a call was given and what it gave, in float32; they stay the caller's. */
export interface TimedTensors {
  readonly inputs: Inputs<tf.Tensor>;
  readonly cotangent: tf.Tensor;
  /** `out` of a forward pass, gradients by their inputs of the other */
  readonly given: Readonly<Record<string, tf.Tensor>>;
}

/**
 * Reads parts of a call's results, chosen at random.
 *
 * @returns compares them with the float64 definition; throws a CorrectnessError that names the worst place
 */
export async function keepTimed(
  form: CheckedForm,
  { given }: Pick<TimedTensors, "given">,
  random: Random,
): Promise<(tensors: Pick<TimedTensors, "inputs" | "cotangent">) => Promise<void>> {
  const kept: { part: Part; actual: Values }[] = [];
  for (const part of partsOf(form, random)) {
    const values: Record<string, ArrayLike<number>> = {};
    for (const name of part.names) {
      const { data } = await windowOf(name, given[name]!, part, form);
      values[name] = form.lastOnly === true ? data : rowsFrom(data, name, part, form);
    }
    kept.push({ part, actual: values });
  }
  return async (tensors) => {
    for (const { part, actual } of kept) refuse(await errorsOfPart(form, part, actual, tensors), part, form);
  };
}

/** What rounding does to a row is the largest of so many draws: that of a few may be next to nothing by luck. */
const MOVED_NUMBERS = 16;

async function errorsOfPart(
  form: CheckedForm,
  part: Part,
  actual: Values,
  { inputs, cotangent }: Pick<TimedTensors, "inputs" | "cotangent">,
): Promise<NamedError[]> {
  const windows: Record<string, NamedTensor> = {};
  for (const [name, tensor] of Object.entries(inputs)) windows[name] = await windowOf(name, tensor, part, form);
  const isForward = form.pass === "forward";
  const { data } = isForward ? { data: undefined } : await windowOf("out", cotangent, part, form);
  const expected = pick(expectedOf(form, part, windows, data), part);
  const outputsOf = (item: { readonly inputs: NamedTensors }) => expectedOf(form, part, item.inputs);
  const moves = Math.ceil(MOVED_NUMBERS / Math.min(part.windows.D.size, part.windows.E.size));
  const growth = roundingGrowth(form.shape.N);
  const rounding = () => roundingOf({ inputs: windows }, new Random(1), { exact: expected, outputsOf, moves, growth });
  const { precision, kind } = form;
  const shapes = Object.fromEntries(part.names.map((name) => [name, shapeOfRows(name, part, form)]));
  return rowErrorsOf(
    isForward ? { outputs: actual, gradients: {} } : { outputs: {}, gradients: actual },
    { outputs: isForward ? expected : {}, gradients: isForward ? {} : expected, rounding },
    { precision, kind, shapes },
  );
}

function pick(values: Values, { names }: Part): Values {
  return Object.fromEntries(names.map((name) => [name, values[name]!]));
}

/** `out`, or with a cotangent all gradients, of a part by the definition. */
function expectedOf(form: TimedForm, part: Part, inputs: NamedTensors, cotangent?: ArrayLike<number>): Values {
  const { operator, spec } = form;
  const { B, H, D, E } = part.windows;
  const shape = { ...form.shape, B: B.size, H: H.size, D: D.size, E: E.size };
  const arrays = Object.fromEntries(
    Object.entries(inputs).map(([name, { data }]) => [name, new Float64Array(data)]),
  ) as Inputs<Float64Array>;
  const ofOut = cotangent && new Float64Array(cotangent);
  if (part.rows !== undefined && spec.op === "softmax")
    return softmaxRows(arrays, { spec, shape, rows: part.rows }, ofOut);
  if (ofOut === undefined)
    return { out: rowsFrom(operator.reference.forward(arrays, spec, shape).out, "out", part, form) };
  return { ...operator.reference.backward(arrays, spec, shape, ofOut) };
}

/** Letters of a tensor's last axes; directions that do not share an input stand before them. */
function axesOf(name: string, { spec }: TimedForm): string {
  if (name === "logDecay") return { none: "", constant: "H", scalar: "BHN", vector: "BHND" }[spec.decay ?? "none"];
  if (name === "b") return "BHDE";
  return name === "v" || name === "out" ? "BHNE" : "BHND";
}

async function windowOf(name: string, tensor: tf.Tensor, { windows }: Part, form: TimedForm): Promise<NamedTensor> {
  const axes = axesOf(name, form).padStart(tensor.rank, " ");
  const window = (axis: number) =>
    windows[axes[axis] as keyof typeof windows] ?? { from: 0, size: tensor.shape[axis]! };
  const places = tensor.shape.map((_, axis) => window(axis));
  const part = tf.slice(
    tensor,
    places.map(({ from }) => from),
    places.map(({ size }) => size),
  );
  const data = (await part.data()) as Float32Array<ArrayBuffer>;
  part.dispose();
  return { data, shape: places.map(({ size }) => size) };
}

/** The rows that are compared of something with a row for each token. */
function rowsFrom(data: ArrayLike<number>, name: string, { rows, windows }: Part, form: TimedForm): ArrayLike<number> {
  if (rows === undefined) return data;
  const width = windows[axesOf(name, form).at(-1) as "D" | "E"].size;
  const { N } = form.shape;
  const picked = new Float64Array(windows.B.size * windows.H.size * rows.length * width);
  for (let i = 0; i < picked.length; i++) {
    const row = Math.floor(i / width);
    const token = rows[row % rows.length]!;
    picked[i] = data[(Math.floor(row / rows.length) * N + token) * width + (i % width)]!;
  }
  return picked;
}

function shapeOfRows(name: string, { rows, windows }: Part, form: TimedForm): number[] {
  const { inputShapes } = form.operator;
  const whole = name === "out" ? [0, 0, 0, 0] : inputShapes(form.spec, form.shape)[name as "q"]!;
  const axes = axesOf(name, form).padStart(whole.length, " ");
  return [...axes].map((letter, axis) =>
    letter === "N" ? (rows?.length ?? form.shape.N) : (windows[letter as keyof typeof windows]?.size ?? whole[axis]!),
  );
}

/** @throws {CorrectnessError} one is outside its tolerance */
function refuse(errors: readonly NamedError[], { windows, rows }: Part, { shape }: TimedForm): void {
  const wrong = errors.find(({ error, tolerance }) => !(error <= tolerance));
  if (wrong === undefined) return;
  const { name, error, tolerance, at } = wrong;
  const parts = (["B", "H", "D", "E"] as const)
    .filter((axis) => windows[axis].size < shape[axis])
    .map((axis) => `${axis} from ${windows[axis].from}`);
  const chosen = [...parts, ...(rows === undefined ? [] : [`tokens ${rows.join(", ")}`])];
  const place = chosen.length === 0 ? at : `${at} (counted in the part with ${chosen.join(", ")})`;
  throw new CorrectnessError(
    `correctness: in a timed call, chosen at random, ${name} is off by ${error.toExponential(2)} at ${place}, allowed ${tolerance}`,
  );
}
