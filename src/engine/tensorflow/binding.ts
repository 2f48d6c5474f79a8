// The native binding of tfjs-node: loading it, and saying in words why it could not be loaded.

import { createRequire } from "node:module";
import { EnvironmentError, describeError } from "#base/errors";
import { SET_UP } from "./installation.ts";

/** The parts of tfjs_binding.node (tfjs-node 4.22, binding/tfjs_binding.cc) that we use. */
export interface Binding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_ATTR_TYPE: number;
  isUsingGpuDevice(): boolean;
  /** @returns the number of a tensor, to be deleted by `deleteTensor` */
  createTensor(shape: readonly number[], type: number, values: Int32Array): number;
  deleteTensor(id: number): void;
  /** Runs an operation of TensorFlow; describes its outputs. */
  executeOp(
    name: string,
    attributes: readonly { readonly name: string; readonly type: number; readonly value: number }[],
    inputs: readonly number[],
    outputs: number,
  ): unknown[];
}

/**
 * Loads the binding and with it TensorFlow; the process keeps both until it ends.
 *
 * @throws {EnvironmentError} a library or a symbol is missing, a file is damaged, or the system is too old
 */
export function loadBinding(path: string): Binding {
  try {
    return createRequire(path)(path) as Binding;
  } catch (error) {
    throw new EnvironmentError(explainLoadError(describeError(error)), { path }, { cause: error });
  }
}

/** What a message of the dynamic loader (dlopen) means and what to do about it. */
export function explainLoadError(message: string): string {
  const library = /(\S+): cannot open shared object file/.exec(message)?.[1];
  if (library !== undefined) return `the library ${library} is missing. Run \`${SET_UP}\` again. (${message})`;
  const symbol = /undefined symbol: ([^\s,]+)/.exec(message)?.[1];
  if (symbol !== undefined) {
    return `the TensorFlow library lacks the symbol ${symbol}: it does not fit the binding. Run \`${SET_UP}\` again. (${message})`;
  }
  const system = /version [`']([^`']+)' not found/.exec(message)?.[1];
  if (system !== undefined)
    return `this TensorFlow needs ${system}, which this system lacks: choose an older one, \`${SET_UP} -- --version x\`. (${message})`;
  if (/invalid ELF header|file too short|wrong ELF class|ELF load command/.test(message)) {
    return `a library is damaged or made for another machine. Run \`${SET_UP} -- --uninstall\`, then \`${SET_UP}\`. (${message})`;
  }
  return message;
}
