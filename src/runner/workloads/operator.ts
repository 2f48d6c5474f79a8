// Operator cases: time or memory of one operator or of one mixer layer, forward or with its backward pass.

import { HarnessError } from "#base/errors";
import { Random } from "#base/random";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { Callable, Check } from "#measure/callable";
import { measureMemory } from "#measure/memory";
import { mixerForBenchmark } from "#models/mixer";
import { SegmentTimes } from "#models/segments";
import { fromHalfTensors } from "#ops/half";
import type { InputName, Inputs, Strategy, Work } from "#ops/operator";
import { operators } from "#ops/registry";
import { keepTimed, type CheckedForm } from "#ops/timed-check";
import { caseId, type OperatorCase, type Shape } from "#case/case";
import { shapeOf } from "#case/shape";
import { systemClock } from "#base/clock";
import { PROGRAM_STRATEGY } from "#programs/named";
import type { Workload } from "./workload.ts";
import { sendFailure } from "./failure.ts";
import { drawOperator } from "./operator-inputs.ts";
import { memoryOfProgram, type Surroundings } from "./programs.ts";
import { timeWithPrograms, type Ours } from "./side-by-side.ts";

export const measureOperators: Workload = async (request, engine, send) => {
  const cases = request.cases.filter((item) => item.kind === "operator");
  const around = { request, engine, send };
  if (cases.every(({ quantity }) => quantity === "memory")) {
    for (const item of cases) await memoryLine(item, around);
    return;
  }
  await timeWithPrograms(cases, around, (item) => prepare(item, item.shape, engine));
};

interface PreparedOperator extends Ours {
  readonly facts: Ours["facts"] & { readonly leastMemory: number };
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
  return { callable, facts: { strategy: name, leastMemory, ...work } };
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
  const { sets, cotangent, form, toCheck } = drawOperator(item, shape, engine);
  const inputSets = sets.length;
  if (item.precision === "float16")
    return halfCallable(item, { strategy, engine, shape, sets, cotangent, form, toCheck });
  const names = Object.keys(sets[0]!) as InputName[];
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
  const times = new SegmentTimes(systemClock);
  const place = { C, heads: H, grid, prefix, ...strategy, asSegment: times.asSegment };
  const mixer = await mixerForBenchmark(spec, place, item.seed, engine);
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
  const segmentSeconds = (set: number) => times.of(() => tf.dispose(results(set)));
  // A CPU has computed a tensor when the call that makes it returns; a GPU would only have queued it.
  const isTimedInParts = engine.device.kind === "cpu" && item.pass === "forward" && spec.operator.op !== "module";
  return {
    ...callableOf(item.contender, { inputSets: inputs.length, results, engine }),
    ...(isTimedInParts ? { segmentSeconds } : {}),
  };
}

/** Peak memory in this fresh process; a small call first, so that code and kernels are loaded. */
async function memoryLine(item: OperatorCase, { engine, request, send }: Surroundings): Promise<void> {
  await send({ type: "touching", caseId: caseId(item) });
  const startedAt = systemClock.timestamp();
  try {
    const isProgram = item.strategy === PROGRAM_STRATEGY;
    const found = isProgram
      ? await memoryOfProgram(item, { engine, request, send })
      : await memoryOfOperator(item, engine);
    await send({ type: "line", line: { caseId: caseId(item), round: 0, startedAt, ...found } });
  } catch (error) {
    await sendFailure(send, caseId(item), error);
  }
}

async function memoryOfOperator(item: OperatorCase, engine: RunningEngine) {
  const { H, D, E, grid } = item.shape;
  const small = await prepare(item, shapeOf({ grid: grid.map((axis) => Math.min(axis, 16)), H, D, E }), engine);
  (await small.callable.call(0))();
  const { prepared, reading } = await measureMemory(engine, () => prepare(item, item.shape, engine));
  const { strategy, work, leastMemory } = prepared.facts;
  return { strategy, work, memory: { leastBytes: leastMemory, ...reading } };
}
