// Our own operations for TensorFlow on the CPU (native/*.cc): compiled by the set-up for two instruction sets, loaded into
// the process that holds TensorFlow, and executed by name like TensorFlow's. Without them the engine works by plain
// operations.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { EnvironmentError, describeError } from "#base/errors";
import * as tf from "../tf.ts";

/** Changes with the operations' names, inputs or outputs: checkouts of other versions may share an installation. */
const INTERFACE = 1;

export const INSTRUCTION_SETS = ["avx512", "avx2"] as const;
export type InstructionSet = (typeof INSTRUCTION_SETS)[number];

/** What /proc/cpuinfo must list. */
const NEEDS: Readonly<Record<InstructionSet, readonly string[]>> = {
  avx512: ["avx512f", "avx512bw", "avx512dq", "avx512vl", "avx2", "fma"],
  avx2: ["avx2", "fma"],
};

/** Where the kernels for an instruction set lie in an installation. */
export function kernelsFile(folder: string, set: InstructionSet): string {
  return join(folder, "kernels", `lightnet-kernels-${INTERFACE}-${set}.node`);
}

/** The widest instruction set of this processor that there are kernels for; none off x64. */
export function instructionSetOf(cpuInfo: string): InstructionSet | undefined {
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuInfo)?.[1]?.trim().split(/\s+/) ?? []);
  return INSTRUCTION_SETS.find((set) => NEEDS[set].every((flag) => flags.has(flag)));
}

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
 * @throws {EnvironmentError} they are there but do not load
 */
export function loadNative(folder: string | undefined, asked = process.env["LIGHTNET_BENCH_TENSORFLOW_KERNELS"]): InstructionSet | undefined {
  const best = instructionSetOf(readCpuInfo());
  const set = best !== undefined && asked === "avx2" ? "avx2" : best;
  if (folder === undefined || set === undefined || asked === "none") return undefined;
  const path = kernelsFile(folder, set);
  if (!existsSync(path)) return undefined;
  try {
    createRequire(path)(path);
  } catch (error) {
    throw new EnvironmentError(`The engine's own kernels do not load (${describeError(error)}). Run \`npm run setup:tensorflow\` again, or set LIGHTNET_BENCH_TENSORFLOW_KERNELS=none.`, { path });
  }
  return set;
}

/** The part of tfjs-node's backend that executes an operation by its name. */
interface Executor {
  executeMultipleOutputs(name: string, attributes: readonly never[], inputs: readonly tf.Tensor[], outputs: number): tf.Tensor[];
}

/** Runs one of our operations. An input that is left out travels as an empty tensor. */
export function runNative(name: string, inputs: readonly (tf.Tensor | undefined)[], outputs: number): tf.Tensor[] {
  const spares: tf.Tensor[] = [];
  const spare = () => {
    const empty = tf.tensor1d([], "float32");
    spares.push(empty);
    return empty;
  };
  const given = inputs.map((input) => input ?? spare());
  const results = (tf.backend() as unknown as Executor).executeMultipleOutputs(`Lightnet${name}`, [], given, outputs);
  tf.dispose(spares);
  return results;
}
