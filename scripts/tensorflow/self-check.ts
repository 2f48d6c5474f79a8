// Run by the set-up in a process of its own: starts the engine and computes what can be checked by hand. Prints the
// device as JSON.

import { EnvironmentError, describeError } from "#base/errors";
import { startEngine } from "#engine/registry";
import * as tf from "#engine/tf";

async function check(): Promise<void> {
  const engine = await startEngine("tensorflow");
  const a = tf.tensor2d([
    [1, 2],
    [3, 4],
  ]);
  const b = tf.tensor2d([
    [5, 6],
    [7, 8],
  ]);
  expectValues("matMul", await tf.matMul(a, b).data(), [19, 22, 43, 50]);
  // d/da Σ (a b)² = 2 (a b) bᵀ
  const gradient = tf.grad((x) => tf.sum(tf.square(tf.matMul(x as tf.Tensor2D, b))))(a);
  await engine.synchronise(gradient);
  expectValues("gradient", await gradient.data(), [454, 618, 1030, 1402]);
  const { additiveGlobal, rows } = engine.kernels;
  if (additiveGlobal !== undefined && rows !== undefined) {
    // One token has the weight 1: out = q · v.
    const [q, g, v] = [2, 5, 3].map((x) => tf.tensor3d([x], [1, 1, 1])) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
    expectValues("additive", await additiveGlobal.forward({ q, g, v }).out.data(), [6]);
    expectValues("layer norm", await rows.norm(tf.tensor1d([1, 3]), "layer", 0).y.data(), [-1, 1]);
  }
  console.log(JSON.stringify(engine.device));
  await engine.stop();
}

function expectValues(what: string, actual: ArrayLike<number>, expected: readonly number[]): void {
  const same = actual.length === expected.length && expected.every((value, i) => actual[i] === value);
  if (!same)
    throw new EnvironmentError(`${what} gives ${Array.from(actual).join(", ")}, expected ${expected.join(", ")}`);
}

try {
  await check();
  process.exit(0);
} catch (error) {
  console.error(describeError(error));
  process.exit(1);
}
