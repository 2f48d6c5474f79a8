// The gate of mixers that come from files: output and every gradient against the float64 definition that comes with them.

import { Random } from "#base/random";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { DIFFERENCE_STEP } from "#engine/tolerance";
import { errorsOf, evaluate, takeValues, type Evaluation, type NamedError, type NamedTensors } from "#ops/compare";
import { sizeOf } from "#weights/weights";
import { moduleMixerOf, runMixer, type MixerContext, type MixerDefinition, type MixerState } from "./mixers/module.ts";
import type { LayerPlace } from "./place.ts";

export interface ModuleCheck {
  readonly case: string;
  readonly errors: readonly NamedError[];
  readonly leaked: number;
}

const BATCH = 2;
/** A line, a plane with a token before it, and a single token; the second of two layers. */
const PLACES: readonly LayerPlace[] = (
  [
    { grid: [7], prefix: 0 },
    { grid: [3, 2], prefix: 1 },
    { grid: [1], prefix: 0 },
  ] as const
).map(({ grid, prefix }) => ({ width: 8, heads: 2, grid, prefix, layer: 1, depth: 2 }));

/** @throws {UsageError} its file was not read; and what the mixer itself throws */
export async function checkModuleMixer(id: string, engine: RunningEngine): Promise<ModuleCheck[]> {
  const mixer = moduleMixerOf(id);
  const checks: ModuleCheck[] = [];
  for (const place of PLACES) checks.push(await checkAt(mixer, place, engine));
  return checks;
}

async function checkAt(mixer: MixerDefinition, place: LayerPlace, engine: RunningEngine): Promise<ModuleCheck> {
  const { inputs, cotangent } = randomInputs(mixer, place);
  const names = Object.keys(inputs).filter((name) => name !== "x");
  const before = engine.memory().tensors;
  const actual = await evaluate({
    run: ({ x, ...weights }) => ({
      out: runMixer(mixer, x as tf.Tensor3D, { names, weights: (name) => weights[name]!, place, engine }),
    }),
    inputs,
    cotangent,
  });
  const expected = definitionOf(mixer, place, { inputs, cotangent: cotangent.data });
  const stepped = mixer.step === undefined ? {} : { steps: await steppedOut(mixer.step, { inputs, place, engine }) };
  const leaked = engine.memory().tensors - before;
  const errors = errorsOf(
    { ...actual, outputs: { ...actual.outputs, ...stepped } },
    {
      ...expected,
      outputs: { ...expected.outputs, ...(mixer.step === undefined ? {} : { steps: expected.outputs["out"]! }) },
    },
    "float32",
    engine.device.kind,
  );
  return { case: `grid ${place.grid.join("×")}, prefix ${place.prefix}`, errors, leaked };
}

function randomInputs(mixer: MixerDefinition, place: LayerPlace) {
  const random = new Random(1).fork(mixer.name);
  const N = place.prefix + sizeOf(place.grid);
  const shape = [BATCH, N, place.width];
  const normals = (label: string) => ({ shape, data: random.fork(label).normals(sizeOf(shape)) });
  const weights = mixer.weights(place).map(({ name, shape: axes, initial }) => {
    const data = initial(random.fork(name), sizeOf(axes));
    const moved = random.fork(`${name} moved`).normals(data.length, 0.1); // a weight that starts at 0 would hide its own use
    return [name, { shape: [...axes], data: data.map((value, i) => value + moved[i]!) }] as const;
  });
  const inputs: NamedTensors = { x: normals("x"), ...Object.fromEntries(weights) };
  return { inputs, cotangent: normals("cotangent") };
}

/** Output of the definition, and its gradients by central differences in float64. */
function definitionOf(
  mixer: MixerDefinition,
  place: LayerPlace,
  { inputs, cotangent }: { readonly inputs: NamedTensors; readonly cotangent: ArrayLike<number> },
): Evaluation {
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, { data }]) => [name, Float64Array.from(data)] as const),
  );
  const out = () => mixer.reference(values["x"]!.slice(), { B: BATCH, weights: (name) => values[name]!, place });
  const along = () => out().reduce((sum, value, i) => sum + value * cotangent[i]!, 0);
  const gradientOf = (data: Float64Array) =>
    Float64Array.from(data, (value, i) => {
      data[i] = value + DIFFERENCE_STEP;
      const above = along();
      data[i] = value - DIFFERENCE_STEP;
      const below = along();
      data[i] = value;
      return (above - below) / (2 * DIFFERENCE_STEP);
    });
  const gradients = Object.fromEntries(Object.entries(values).map(([name, data]) => [name, gradientOf(data)] as const));
  return { outputs: { out: out() }, gradients };
}

/** Outputs of all tokens, one after the other. */
async function steppedOut(
  step: NonNullable<MixerDefinition["step"]>,
  { inputs, place, engine }: { readonly inputs: NamedTensors } & Pick<MixerContext, "place" | "engine">,
): Promise<ArrayLike<number>> {
  const out = tf.tidy(() => {
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
    );
    const context = { tf, weights: (name: string) => tensors[name]!, place, engine };
    const tokens = tf.split(tensors["x"]!, tensors["x"]!.shape[1]!, 1) as tf.Tensor3D[];
    let state: MixerState | undefined;
    const outs = tokens.map((token) => {
      const next = step(token, state, context);
      state = next.state;
      return next.out;
    });
    return tf.concat(outs, 1);
  });
  return (await takeValues({ out }))["out"]!;
}
