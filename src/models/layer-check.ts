// The layer that a training runs, with its local mixing, against the float64 definition: outputs row by row, and the gradient of
// every weight along a direction drawn at random against a difference quotient.

import { Random } from "#base/random";
import type { MixerSpec, ModelSpec } from "#case/case";
import { axisTpeReference } from "#encodings/md-tpe-per-axis-reference";
import { toeplitzReference } from "#encodings/toeplitz-reference";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { LAYER_DIFFERENCE_STEP, largestMagnitude, layerToleranceOf } from "#engine/tolerance";
import type { NamedError } from "#ops/compare";
import { placeOf as placeOfRow } from "#ops/rows";
import { backboneWeights } from "#weights/backbone";
import { mixerWeights, stackWeights } from "#weights/mixer";
import { sizeOf, within } from "#weights/weights";
import { filteredReference } from "./filter-reference.ts";
import { logSigmoid, matMul, normRows } from "./float64.ts";
import { layerReference } from "./layer-reference.ts";
import { createLocalMixing } from "./local-mixing.ts";
import { createMixer } from "./mixer.ts";
import { withWeights, type Parameters } from "./parameters.ts";
import type { LayerPlace } from "./place.ts";
import type { TokenMixer } from "./token-mixer.ts";

/** What of a model makes its layer, at a size that float64 can afford. */
export type CheckedLayer = Pick<ModelSpec, "width" | "heads" | "localMixing" | "localMixingStart"> & {
  readonly mixer: MixerSpec;
  readonly grid: readonly number[];
  readonly prefix: number;
};

const BATCH = 2;
/** The second of two: what differs from layer to layer is at work. */
const DEPTH = 2;
const LAYER = 1;

interface Built {
  readonly parameters: Parameters;
  readonly forward: TokenMixer;
}

/** Errors of the output and of every gradient; all tensors are given back. `change` is for tests of this check. */
export async function checkLayer(
  layer: CheckedLayer,
  engine: RunningEngine,
  change: (out: tf.Tensor) => tf.Tensor = (out) => out,
): Promise<NamedError[]> {
  const place: LayerPlace = { ...layer, layer: LAYER, depth: DEPTH };
  const N = layer.prefix + sizeOf(layer.grid);
  const random = new Random(1);
  const values = (name: string) => random.fork(name).normals(BATCH * N * layer.width);
  const [x, cotangent] = [values("x"), values("cotangent")];
  const { parameters, forward } = await build(layer, place, engine);
  try {
    const shape = [BATCH, N, layer.width];
    const start = tf.tensor(x, shape);
    const given = tf.variable(start);
    start.dispose();
    const ofOut = tf.tensor(cotangent, shape);
    const weights = parameters.list();
    const { out, grads } = tf.tidy(() => {
      const run = () => change(forward(given));
      const { grads: found } = tf.variableGrads(() => tf.sum(tf.mul(run(), ofOut)) as tf.Scalar, [given, ...weights]);
      return { out: run(), grads: [given, ...weights].map(({ name }) => found[name]!) };
    });
    const names = ["x", ...parameters.declarations.map(({ name }) => name)];
    const arrays = new Map<string, Float64Array>([["x", new Float64Array(x)]]);
    for (const [i, { name }] of parameters.declarations.entries())
      arrays.set(name, new Float64Array(await weights[i]!.data()));
    const gradients = new Map<string, ArrayLike<number>>();
    for (const [i, name] of names.entries()) gradients.set(name, await grads[i]!.data());
    const actual = await out.data();
    tf.dispose([given, ofOut, out, grads]);
    const expected = definitionOf(layer, place, arrays);
    const tolerance = layerToleranceOf(engine.device.kind);
    const rows = worstOf(actual, expected, layer.width);
    const place4 = placeOfRow(rows.row, "out", [BATCH, 1, N, layer.width]);
    return [
      { name: "out", error: rows.error, tolerance: tolerance.output, at: place4 },
      ...gradientErrors({ layer, place, arrays, gradients, cotangent, random }).map((one) => ({
        ...one,
        tolerance: tolerance.gradient,
      })),
    ];
  } finally {
    parameters.dispose();
  }
}

function build(layer: CheckedLayer, place: LayerPlace, engine: RunningEngine): Promise<Built> {
  const { mixer, width } = layer;
  const model = modelOf(layer);
  const tokens = { grid: layer.grid, prefix: layer.prefix };
  const weights = [
    ...backboneWeights(model, tokens).filter(({ name }) => name.startsWith("local.")),
    ...within("stack", stackWeights(mixer, width, DEPTH)),
    ...within("mixer", mixerWeights(mixer, place)),
  ];
  return withWeights(weights, 1, async (parameters) => {
    const tools = { own: parameters.under("mixer"), stack: parameters.under("stack"), tables: parameters, engine };
    const mix = await createMixer(mixer, place, tools);
    const local = createLocalMixing(model, tokens, parameters.under("local"));
    return { parameters, forward: (x: tf.Tensor) => mix(local(x)) };
  });
}

function modelOf({ grid: _grid, prefix: _prefix, ...layer }: CheckedLayer): ModelSpec {
  return { ...layer, variant: "checked", depth: DEPTH, gluWidth: 1 };
}

type Arrays = ReadonlyMap<string, Float64Array>;

/** Local mixing and layer by the definition: [B, N, C]. */
function definitionOf(layer: CheckedLayer, place: LayerPlace, arrays: Arrays): Float64Array {
  const under = (path: string) => (name: string) => arrays.get(`${path}.${name}`)!;
  const local = localReference(layer, under("local"), arrays.get("x")!);
  return layerReference(layer.mixer, place, { own: under("mixer"), stack: under("stack") }, local);
}

function localReference(layer: CheckedLayer, own: (name: string) => Float64Array, x: Float64Array): Float64Array {
  const { localMixing, width: C, heads, grid, prefix, mixer } = layer;
  const place = { grid, prefix };
  if (localMixing === "depthwise") {
    const causal = mixer.operator.causal;
    const mixed = filteredReference(x, { filter: own("filter"), taps: 3 ** grid.length, C, place, causal });
    const N = prefix + sizeOf(grid);
    return x.map((value, i) => (Math.floor(i / C) % N < prefix ? value : value + mixed[i]!));
  }
  if (localMixing === "none") return x;
  if (localMixing === "md-tpe") return sharedTpeReference(layer, own, x);
  const axes = (name: string) => Float64Array.from(grid.flatMap((_, axis) => [...own(`axis${axis}.${name}`)]));
  const arrays = {
    ...{ x, q: axes("q"), k: axes("k"), gain: axes("gain"), projection: axes("projection") },
    logDecay: axes("decay").map(logSigmoid),
  };
  return axisTpeReference.forward(arrays, { B: BATCH, C, heads, place });
}

/** One filter summed over the axes, RMSNorm per head, projection; prefix tokens pass by the filter. */
function sharedTpeReference(layer: CheckedLayer, own: (name: string) => Float64Array, x: Float64Array): Float64Array {
  const { width: C, heads, grid, prefix } = layer;
  const filter = { q: own("q"), k: own("k"), logDecay: own("decay").map(logSigmoid) };
  const filtered = x.slice();
  const size = x.length / BATCH;
  for (let b = 0; b < BATCH; b++) {
    const cells = x.subarray(b * size + prefix * C, (b + 1) * size);
    filtered.set(toeplitzReference.forward({ ...filter, x: cells }, { B: 1, grid, C, heads }), b * size + prefix * C);
  }
  return matMul(normRows(filtered, C / heads, "rms"), own("projection"), { n: C, m: C });
}

function worstOf(actual: ArrayLike<number>, expected: Float64Array, width: number): { error: number; row: number } {
  const least = 1e-3 * largestMagnitude(expected);
  let worst = { error: 0, row: 0 };
  for (let row = 0; row * width < expected.length; row++) {
    const own = expected.subarray(row * width, (row + 1) * width);
    let difference = 0;
    own.forEach((value, c) => {
      const distance = Math.abs(actual[row * width + c]! - value);
      difference = Number.isFinite(distance) ? Math.max(difference, distance) : Infinity;
    });
    const error = difference / Math.max(largestMagnitude(own), least);
    if (error > worst.error) worst = { error, row };
  }
  return worst;
}

interface Gradients {
  readonly layer: CheckedLayer;
  readonly place: LayerPlace;
  readonly arrays: Arrays;
  readonly gradients: ReadonlyMap<string, ArrayLike<number>>;
  readonly cotangent: Float32Array;
  readonly random: Random;
}

/** Along signs drawn at random: Σ g·u against the central difference of Σ out · cotangent, on the scale of ‖g‖. */
function gradientErrors({
  layer,
  place,
  arrays,
  gradients,
  cotangent,
  random,
}: Gradients): Pick<NamedError, "name" | "error">[] {
  const along = (name: string, directions: Float64Array, step: number) => {
    const moved = arrays.get(name)!.map((value, i) => value + step * directions[i]!);
    const out = definitionOf(layer, place, new Map([...arrays, [name, moved]]));
    return out.reduce((sum, value, i) => sum + value * cotangent[i]!, 0);
  };
  const sizes = new Map([...gradients].map(([name, values]) => [name, Math.hypot(...Array.from(values))]));
  const least = 1e-4 * Math.max(...sizes.values());
  return [...gradients].map(([name, values]) => {
    const stream = random.fork(`direction of ${name}`);
    const directions = Float64Array.from(values, () => (stream.uniform() < 0.5 ? -1 : 1));
    const quotient =
      (along(name, directions, LAYER_DIFFERENCE_STEP) - along(name, directions, -LAYER_DIFFERENCE_STEP)) /
      (2 * LAYER_DIFFERENCE_STEP);
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i]! * directions[i]!;
    const error = Math.abs(sum - quotient) / Math.max(sizes.get(name)!, Math.abs(quotient), least);
    return { name: `grad.${name}`, error: Number.isFinite(error) ? error : Infinity };
  });
}
