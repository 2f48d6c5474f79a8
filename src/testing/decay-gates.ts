// The gates of decays against their definition in float64, forward and backward, at odd shapes and at logits of thousands.

import { expect } from "vitest";
import { Random } from "#base/random";
import type { RunningEngine } from "#engine/engine";
import { toleranceOf } from "#engine/tolerance";
import * as tf from "#engine/tf";
import { decayGate } from "#models/decay-gate";

export interface GateCase {
  /** [..., H, N, D] */
  readonly shape: readonly number[];
  readonly bounded: boolean;
  readonly temperature: number;
  readonly tied: boolean;
}

export const GATE_CASES: readonly GateCase[] = [
  { shape: [1, 1, 1, 1], bounded: false, temperature: 1, tied: true },
  { shape: [1, 2, 3, 5], bounded: false, temperature: 16, tied: false },
  { shape: [2, 3, 7, 17], bounded: false, temperature: 1, tied: true },
  { shape: [2, 3, 71, 5], bounded: true, temperature: 1, tied: true },
  { shape: [2, 2, 2, 70, 37], bounded: true, temperature: 3, tied: true },
  { shape: [1, 3, 130, 64], bounded: true, temperature: 1, tied: false },
];

/** Moderate logits, and every seventh one that few functions survive. */
const EXTREMES = [1e4, -1e4, 88, -88, 30, -30, 0, 17, -17, 104, -104, 1e-6, -1e-6];

interface Gate {
  readonly logDecay: number;
  readonly key: number;
  /** derivatives of both by the logit and by the bound */
  readonly byLogit: readonly [number, number];
  readonly byBound: readonly [number, number];
}

function definition(x: number, b: number, temperature: number): Gate {
  const m = Math.exp(-Math.abs(x));
  const [sigmoid, other] = x >= 0 ? [1 / (1 + m), m / (1 + m)] : [m / (1 + m), 1 / (1 + m)];
  const key = (1 - b) * other;
  const f = b + (1 - b) * sigmoid;
  const logDecay = key < 0.5 ? Math.log1p(-key) : b === 0 ? x - Math.log1p(m) : Math.log(f);
  const dLog = b === 0 ? other : (key * sigmoid) / f;
  return {
    logDecay: logDecay / temperature,
    key,
    byLogit: [dLog / temperature, -key * sigmoid],
    byBound: [other / f / temperature, -other],
  };
}

interface Compared {
  readonly what: string;
  readonly tolerance: number;
  /** smaller numbers are compared as if they were this large */
  readonly floor: number;
}

function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  { what, tolerance, floor }: Compared,
): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const limit = tolerance * Math.max(Math.abs(expected[i]!), floor);
    const difference = Math.abs(found[i]! - expected[i]!);
    if (!(difference <= limit)) expect([what, i, found[i]]).toEqual([what, i, expected[i]]);
  }
}

/** @throws what differs, by an expectation; nothing is left alive */
export async function expectGate(engine: RunningEngine, gate: GateCase): Promise<void> {
  const { shape, bounded, temperature, tied } = gate;
  const [H, , D] = shape.slice(-3) as [number, number, number];
  const N = shape.at(-2)!;
  const random = new Random(shape.length * 100 + D);
  const size = shape.reduce((product, axis) => product * axis, 1);
  const logits = random.normals(size).map((value, i) => (i % 7 === 3 ? EXTREMES[i % EXTREMES.length]! : 4 * value));
  const bounds = Float32Array.from({ length: H * D }, () => (bounded ? 0.02 + 0.97 * random.uniform() : 0));
  const cotangents = { logDecay: random.normals(size), key: random.normals(size) };
  const before = engine.memory().tensors;

  const tensors = tf.tidy(() => {
    const x = tf.tensor(logits, [...shape]);
    const bound = tf.tensor2d(bounds, [H, D]);
    const run = (...given: tf.Tensor[]) =>
      decayGate({ x: given[0]!, ...(bounded ? { bound: given[1] as tf.Tensor2D } : {}), temperature, tied });
    const along = (...given: tf.Tensor[]) => {
      const { logDecay, key } = run(...given);
      const ofDecay = tf.mul(logDecay, tf.tensor(cotangents.logDecay, [...shape]));
      return key === undefined ? ofDecay : tf.add(ofDecay, tf.mul(key, tf.tensor(cotangents.key, [...shape])));
    };
    const inputs = bounded ? [x, bound] : [x];
    return { ...run(x, bound), gradients: tf.grads(along)(inputs) };
  });
  const read = (tensor: tf.Tensor | undefined) => tensor?.data() ?? Promise.resolve(new Float32Array());
  const [logDecay, key] = [await read(tensors.logDecay), await read(tensors.key)];
  const [dx, dBound] = [await read(tensors.gradients[0]), await read(tensors.gradients[1])];
  tf.dispose([tensors.logDecay, ...(tensors.key === undefined ? [] : [tensors.key]), ...tensors.gradients]);
  expect(engine.memory().tensors, "tensors alive after minus before").toBe(before);

  const channelOf = (i: number) => (Math.floor(i / (N * D)) % H) * D + (i % D);
  const exact = Array.from(logits, (value, i) => definition(value, bounds[channelOf(i)]!, temperature));
  const tolerance = toleranceOf("float32", engine.device.kind);
  // Operations of tfjs one after the other lose the last digits of numbers near 0.
  const floor = engine.kernels.decayGate === undefined ? 1 : 1e-3;
  const compared = (what: string, part: "output" | "gradient") => ({ what, tolerance: tolerance[part], floor });
  const expected = (pick: (item: Gate) => number) => exact.map(pick);
  expectClose(
    logDecay,
    expected((item) => item.logDecay),
    compared("log decay", "output"),
  );
  if (tied)
    expectClose(
      key,
      expected((item) => item.key),
      compared("key", "output"),
    );
  const total = (derivatives: (item: Gate) => readonly [number, number]) =>
    exact.map((item, i) => {
      const [ofDecay, ofKey] = derivatives(item);
      return cotangents.logDecay[i]! * ofDecay + (tied ? cotangents.key[i]! * ofKey : 0);
    });
  expectClose(
    dx,
    total((item) => item.byLogit),
    compared("gradient of the logits", "gradient"),
  );
  if (!bounded) return;
  const sums = new Float64Array(H * D);
  total((item) => item.byBound).forEach((value, i) => (sums[channelOf(i)]! += value));
  const largest = sums.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expectClose(
    dBound.map((value) => value / largest),
    sums.map((value) => value / largest),
    compared("gradient of the bound", "gradient"),
  );
}
