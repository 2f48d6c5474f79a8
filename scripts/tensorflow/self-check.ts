// Run by the set-up in a process of its own: starts the engine and computes what can be checked by hand. Prints the
// device as JSON.

import { EnvironmentError, describeError } from "#base/errors";
import { startEngine } from "#engine/registry";
import * as tf from "#engine/tf";

async function check(): Promise<void> {
  const engine = await startEngine("tensorflow");
  const a = tf.tensor2d([[1, 2], [3, 4]]);
  const b = tf.tensor2d([[5, 6], [7, 8]]);
  expectValues("matMul", await tf.matMul(a, b).data(), [19, 22, 43, 50]);
  // d/da Σ (a b)² = 2 (a b) bᵀ
  const gradient = tf.grad((x) => tf.sum(tf.square(tf.matMul(x as tf.Tensor2D, b))))(a);
  await engine.synchronise(gradient);
  expectValues("gradient", await gradient.data(), [454, 618, 1030, 1402]);
  console.log(JSON.stringify(engine.device));
  await engine.stop();
}

function expectValues(what: string, actual: ArrayLike<number>, expected: readonly number[]): void {
  const same = actual.length === expected.length && expected.every((value, i) => actual[i] === value);
  if (!same) throw new EnvironmentError(`${what} gives ${Array.from(actual).join(", ")}, expected ${expected.join(", ")}`);
}

try {
  await check();
  process.exit(0);
} catch (error) {
  console.error(describeError(error));
  process.exit(1);
}
