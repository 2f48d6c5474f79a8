// Our own operations for TensorFlow on the CPU (native/*.cc): compiled by the set-up for two instruction sets, loaded into
// the process that holds TensorFlow, and executed by name like TensorFlow's. Without them the engine works by plain
// operations.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { EnvironmentError, describeError } from "#base/errors";
import * as tf from "../tf.ts";
import { type InstructionSet, instructionSetOf, kernelsFile } from "./instruction-sets.ts";

function readCpuInfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return "";
  }
}

/**
 * Loads the kernels of an installation. LIGHTNET_BENCH_TENSORFLOW_KERNELS=none leaves them out, avx2 forces the narrower ones.
 *
 * @returns the instruction set, or undefined where there are no kernels for this machine
 * @throws {EnvironmentError} they are there but do not load, or are those of another version: without them TensorFlow's own
 *   operations would be measured in their place
 */
export function loadNative(
  folder: string | undefined,
  asked = process.env["LIGHTNET_BENCH_TENSORFLOW_KERNELS"],
  cpuInfo = readCpuInfo(),
): InstructionSet | undefined {
  const best = instructionSetOf(cpuInfo);
  const set = best !== undefined && asked === "avx2" ? "avx2" : best;
  if (folder === undefined || set === undefined || asked === "none") return undefined;
  const path = kernelsFile(folder, set);
  if (!existsSync(path)) {
    const kernels = dirname(path);
    if (!existsSync(kernels) || !readdirSync(kernels).some((name) => name.endsWith(".node"))) return undefined;
    throw new EnvironmentError(
      "The engine's own kernels here are of another version of lightnet-bench. Run `npm run setup:tensorflow` again, or set LIGHTNET_BENCH_TENSORFLOW_KERNELS=none to do without them.",
      { path },
    );
  }
  try {
    createRequire(path)(path);
  } catch (error) {
    throw new EnvironmentError(
      `The engine's own kernels do not load (${describeError(error)}). Run \`npm run setup:tensorflow\` again, or set LIGHTNET_BENCH_TENSORFLOW_KERNELS=none.`,
      { path },
    );
  }
  return set;
}

/** The part of tfjs-node's backend that executes an operation by its name. */
interface Executor {
  executeMultipleOutputs(
    name: string,
    attributes: readonly never[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[];
  write(values: Float32Array, shape: number[], dtype: "float32"): tf.TensorInfo["dataId"];
}

let empty: tf.TensorInfo | undefined;

/** Kept outside tfjs, for which it would be a leak: to make one a call took longer than a step of decoding. */
function emptyTensor(): tf.TensorInfo {
  return (empty ??= nativeVector([]));
}

/** Numbers that operations take as an input; unknown to tfjs, and there as long as the process. */
export function nativeVector(values: readonly number[]): tf.TensorInfo {
  const shape = [values.length];
  const backend = tf.backend() as unknown as Executor;
  return { dataId: backend.write(Float32Array.from(values), shape, "float32"), shape, dtype: "float32" };
}

/** Runs one of our operations. An input that is left out travels as an empty tensor. */
export function runNative(name: string, inputs: readonly (tf.TensorInfo | undefined)[], outputs: number): tf.Tensor[] {
  const backend = tf.backend() as unknown as Executor;
  const given = inputs.map((input) => input ?? emptyTensor());
  return backend.executeMultipleOutputs(`Lightnet${name}`, [], given, outputs);
}
