// Operator cases: time or memory of one operator or of one mixer layer, forward or with its backward pass.

import { HarnessError } from "#base/errors";
import { Random } from "#base/random";
import type { RunningEngine } from "#engine/engine";
import { currentKernels } from "#engine/registry";
import * as tf from "#engine/tf";
import type { Callable, Check } from "#measure/callable";
import { measureMemory } from "#measure/memory";
import { mixerForBenchmark } from "#models/mixer";
import { fromHalfTensors, toHalfInputs } from "#ops/half";
import type { InputName, Inputs, Strategy, Work } from "#ops/operator";
import { randomInputs, toTensors } from "#ops/random-inputs";
import { operators } from "#ops/registry";
import { keepTimed, type CheckedForm } from "#ops/timed-check";
import { caseId, type OperatorCase, type Shape } from "#case/case";
import { shapeOf } from "#case/shape";
import { systemClock } from "#base/clock";
import type { Send, Workload } from "./workload.ts";
import { sendFailure } from "./failure.ts";
import { timeSideBySide, type Prepared } from "./timing.ts";

/**
 * Inputs in rotation should not fit into the caches near the core, within reason. Two at least, so that who gives the output of
 * another call is found; one where memory is measured.
 */
const ROTATED_BYTES = 64 * 2 ** 20;
const LEAST_INPUT_SETS = 2;
const MOST_INPUT_SETS = 4;
/** Drawing more than this in this process would take longer than measuring. */
const DRAWN_NUMBERS = 2 ** 25;

export const measureOperators: Workload = async (request, engine, send) => {
  const cases = request.cases.filter((item) => item.kind === "operator");
  if (cases.every(({ quantity }) => quantity === "memory")) {
    for (const item of cases) await memoryLine(item, engine, send);
    return;
  }
  const prepared: Prepared[] = [];
  for (const item of cases) {
    await send({ type: "touching", caseId: caseId(item) });
    try {
      prepared.push(await prepare(item, item.shape, engine));
    } catch (error) {
      await sendFailure(send, caseId(item), error);
    }
  }
  await timeSideBySide(prepared, request, { engine, send });
};

interface PreparedOperator extends Prepared {
  readonly facts: Prepared["facts"] & { readonly leastMemory: number };
}

/** A case as something to call, at this shape. */
async function prepare(item: OperatorCase, shape: Shape, engine: RunningEngine): Promise<PreparedOperator> {
  const declaration = operators.get(item.spec.op);
  const { strategies, choose } = await declaration.load();
  const name = item.strategy === "default" ? choose(item.spec, shape, engine) : item.strategy;
  const strategy = strategies.find(({ id }) => id === name)!; // the gate has used it
  if (item.precision === "float16" && item.level !== "operator")
    throw new HarnessError("E_UNSUPPORTED", "float16 storage is there for operators, not for mixer layers");
  const { flops, leastBytes, leastMemory } = workOf(item, declaration.work(item.spec, shape, item.pass, name));
  const callable =
    item.level === "operator"
      ? operatorCallable(item, shape, { strategy, engine })
      : await mixerCallable(item, shape, engine);
  const work = item.level === "operator" ? { work: { flops, leastBytes } } : {};
  return { callable, caseId: caseId(item), facts: { strategy: name, leastMemory, ...work } };
}

/** Numbers of half the size: half the bytes (those of scalar decays, 1/D of the others, are counted so as well). */
function workOf({ precision }: OperatorCase, { flops, leastBytes, leastMemory }: Work): Work {
  const share = precision === "float16" ? 0.5 : 1;
  return { flops, leastBytes: share * leastBytes, leastMemory: share * leastMemory };
}

function operatorCallable(
  item: OperatorCase,
  shape: Shape,
  { strategy, engine }: { strategy: Strategy; engine: RunningEngine },
): Callable {
  const declaration = operators.get(item.spec.op);
  const random = new Random(item.seed);
  const shapes = declaration.inputShapes(item.spec, shape);
  const setBytes =
    4 * Object.values(shapes).reduce((sum, axes) => sum + axes.reduce((product, axis) => product * axis, 1), 0);
  const rotated = Math.min(MOST_INPUT_SETS, Math.max(LEAST_INPUT_SETS, Math.ceil(ROTATED_BYTES / setBytes)));
  const inputSets = item.quantity === "memory" ? 1 : rotated;
  const sets = inputsOf(item, shape, { random: random.fork("inputs"), count: inputSets });
  const { B, H, N, E } = shape;
  const [rows, heads] = drawnBatch(shape);
  const cotangent = repeatedTo(
    [B, H, N, E],
    tf.tensor(random.fork("cotangent").normals(rows * heads * N * E), [rows, heads, N, E]),
  );
  const { spec, pass, precision } = item;
  const form = { operator: declaration, spec, shape, pass, precision, kind: engine.device.kind };
  const toCheck = random.fork("parts to check");
  if (item.precision === "float16")
    return halfCallable(item, { strategy, engine, shape, sets, cotangent, form, toCheck });
  const names = Object.keys(shapes) as InputName[];
  const output = (inputs: Inputs<tf.Tensor>) => strategy.run(inputs, item.spec, shape, engine).out; // [B, H, N, E]
  const named = (tensors: tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
  const gradients = (inputs: Inputs<tf.Tensor>): Results =>
    named(
      tf.grads((...tensors: tf.Tensor[]) => output({ ...inputs, ...named(tensors) }))(
        names.map((name) => inputs[name]!),
        cotangent,
      ),
    );
  const results = (set: number): Results =>
    item.pass === "forward" ? { out: tf.tidy(() => output(sets[set]!)) } : gradients(sets[set]!);
  const keep = async (set: number, given: Results): Promise<Check> => {
    const check = await keepTimed(form, { given }, toCheck);
    return () => check({ inputs: sets[set]!, cotangent });
  };
  return callableOf(item.contender, { inputSets, results, engine, keep });
}

/** `out` of a forward pass, gradients by their inputs of the other. */
type Results = Readonly<Record<string, tf.Tensor>>;

interface OnHalves {
  readonly strategy: Strategy;
  readonly engine: RunningEngine;
  readonly shape: Shape;
  readonly sets: readonly Inputs<tf.Tensor>[];
  /** float32 [B, H, N, E], taken over */
  readonly cotangent: tf.Tensor;
  readonly form: CheckedForm;
  /** decides which parts of a call are checked */
  readonly toCheck: Random;
}

/** The same on inputs stored as float16, whose gradients no tape records. */
function halfCallable(item: OperatorCase, on: OnHalves): Callable {
  const { strategy, engine, shape, sets, cotangent, form, toCheck } = on;
  const kernels = engine.kernels.half!;
  const ofOut = kernels.toHalves(cotangent);
  cotangent.dispose();
  const results = (set: number): Results =>
    tf.tidy(() => {
      const { out, backward } = strategy.half!.run(sets[set]!, item.spec, shape, kernels);
      return item.pass === "forward" ? { out } : { ...backward(ofOut) };
    });
  const keep = async (set: number, halves: Results): Promise<Check> => {
    const given = tf.tidy(() => fromHalfTensors(halves, kernels));
    const check = await keepTimed(form, { given }, toCheck);
    tf.dispose(given);
    return async () => {
      const stored = tf.tidy(() => ({ ...fromHalfTensors(sets[set]!, kernels), cotangent: kernels.fromHalves(ofOut) }));
      const { cotangent: storedCotangent, ...inputs } = stored;
      await check({ inputs, cotangent: storedCotangent });
      tf.dispose(stored);
    };
  };
  return callableOf(item.contender, { inputSets: sets.length, results, engine, keep });
}

/** How many get values of their own: all, or one head whose values the others share, where all are too many numbers to draw. */
function drawnBatch({ B, H, N, D, E }: Shape): readonly [B: number, H: number] {
  return B * H * N * Math.max(D, E) > DRAWN_NUMBERS ? [1, 1] : [B, H];
}

/** Random inputs of a contender: each set has the values of the first one at other places, since drawing them again would take longer than the cell. */
function inputsOf(
  item: OperatorCase,
  shape: Shape,
  { random, count }: { random: Random; count: number },
): Inputs<tf.Tensor>[] {
  const declaration = operators.get(item.spec.op);
  const [B, H] = drawnBatch(shape);
  const drawn = { ...shape, B, H };
  const values = randomInputs(declaration, item.spec, { shape: drawn, random });
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

interface Calls {
  readonly inputSets: number;
  /** queues the work on one set of inputs */
  readonly results: (set: number) => Results;
  readonly engine: RunningEngine;
  /** reads what a call gave, for a check against the definition */
  readonly keep?: (set: number, given: Results) => Promise<Check>;
}

function callableOf(id: string, { inputSets, results, engine, keep }: Calls): Callable {
  return {
    id,
    inputSets,
    call: async (set) => {
      const given = results(set);
      for (const tensor of Object.values(given)) await engine.synchronise(tensor);
      const free = () => tf.dispose(given);
      return keep === undefined ? free : Object.assign(free, { keep: () => keep(set, given) });
    },
    ...(engine.deviceSeconds === undefined
      ? {}
      : { deviceSeconds: (set) => deviceSecondsOf(engine, () => Object.values(results(set))) }),
  };
}

async function deviceSecondsOf(engine: RunningEngine, results: () => tf.Tensor[]): Promise<number | undefined> {
  const run = () => {
    const [first, ...others] = results();
    tf.dispose(others);
    return first!;
  };
  try {
    return await engine.deviceSeconds?.(run);
  } catch (error) {
    if (error instanceof HarnessError && error.code === "E_UNSUPPORTED") return undefined; // more passes than timestamps
    throw error;
  }
}

/** The mixer layer around the operator: projections, gate, output. Its gradients are those of x and of every weight. */
async function mixerCallable(item: OperatorCase, shape: Shape, engine: RunningEngine): Promise<Callable> {
  const { B, H, N, E, grid, prefix } = shape;
  const C = H * E;
  const spec = item.mixer ?? ({ operator: item.spec, encoding: item.encoding ?? "none" } as const);
  const strategy = item.strategy === "default" ? {} : { strategy: item.strategy };
  const mixer = await mixerForBenchmark(spec, { C, heads: H, grid, prefix, ...strategy }, item.seed, engine);
  const random = new Random(item.seed);
  const make = (label: string) => tf.tensor(random.fork(label).normals(B * N * C), [B, N, C]); // [B, N, C]
  const inputs = Array.from({ length: 2 }, (_, index) => tf.variable(make(`x ${index}`)));
  const cotangent = make("cotangent");
  const gradients = (x: tf.Variable) =>
    tf.tidy(() => {
      const scalar = () => tf.sum(tf.mul(mixer.forward(x), cotangent)) as tf.Scalar;
      return tf.variableGrads(scalar, [x, ...mixer.parameters.list()]).grads;
    });
  const results = (set: number): Results =>
    item.pass === "forward" ? { out: tf.tidy(() => mixer.forward(inputs[set]!)) } : gradients(inputs[set]!);
  return callableOf(item.contender, { inputSets: inputs.length, results, engine });
}

/** Peak memory in this fresh process; a small call first, so that code and kernels are loaded. */
async function memoryLine(item: OperatorCase, engine: RunningEngine, send: Send): Promise<void> {
  await send({ type: "touching", caseId: caseId(item) });
  try {
    const { H, D, E, grid } = item.shape;
    const small = await prepare(item, shapeOf({ grid: grid.map((axis) => Math.min(axis, 16)), H, D, E }), engine);
    (await small.callable.call(0))();
    const startedAt = systemClock.timestamp();
    const measured = await measureMemory(engine, () => prepare(item, item.shape, engine));
    const { strategy, work, leastMemory } = measured.prepared.facts;
    const memory = { leastBytes: leastMemory, ...measured.reading };
    await send({ type: "line", line: { caseId: caseId(item), round: 0, startedAt, strategy, work, memory } });
  } catch (error) {
    await sendFailure(send, caseId(item), error);
  }
}
