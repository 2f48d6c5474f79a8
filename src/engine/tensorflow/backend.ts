// Puts tfjs-node's backend and its kernels on the TensorFlow.js of this project.
//
// Of the package only the backend, its kernels and the native binding are loaded: its index.js would bring file
// handlers, a progress bar and TensorBoard, with seven more dependencies.

import { realpathSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { join, sep } from "node:path";
import { EnvironmentError } from "#base/errors";
import * as tf from "../tf.ts";
import type { Binding } from "./binding.ts";

const ENOUGH_KERNELS = 100;

/** What registering asks of the binding; the rest is for the package's own backend. */
type AskedBinding = Pick<Binding, "TF_Version" | "isUsingGpuDevice">;
type BackendClass = new (binding: AskedBinding, packageName: string) => tf.KernelBackend;
/** Node's resolver; not in its types, but kept stable for the tools that redirect imports. */
type Resolver = {
  _resolveFilename(request: string, parent: { filename?: string } | undefined, ...rest: unknown[]): string;
};

let registered = false;

/**
 * Registers backend `tensorflow` and its kernels; does nothing the second time.
 *
 * @throws {EnvironmentError} the package's kernels went to another copy of TensorFlow.js
 */
export function registerBackend(binding: AskedBinding, packageFolder: string): void {
  if (registered) return;
  restoreRemovedFunctions();
  const load = createRequire(join(packageFolder, "package.json"));
  const { name } = load("./package.json") as { name: string };
  const Backend = withOneTensorFlowJs(realpathSync(packageFolder), () => {
    const { NodeJSKernelBackend } = load("./dist/nodejs_kernel_backend.js") as { NodeJSKernelBackend: BackendClass };
    load("./dist/register_all_kernels.js");
    return NodeJSKernelBackend;
  });
  if (tf.getKernelsForBackend("tensorflow").length < ENOUGH_KERNELS) {
    throw new EnvironmentError(
      `${packageFolder} registered its kernels with another copy of @tensorflow/tfjs. Remove the second copy.`,
    );
  }
  tf.registerBackend("tensorflow", () => new Backend(binding, name));
  registered = true;
}

/**
 * While `load` runs, modules of the package get this project's @tensorflow/tfjs and the tfjs-core that belongs to it. With
 * a copy of their own there would be two engines, and a tensor of one is unknown to the other. Not done with a link in
 * the folder of the set-up: several checkouts may share that folder.
 */
function withOneTensorFlowJs<T>(packageFolder: string, load: () => T): T {
  const resolver = Module as unknown as Resolver;
  const original = resolver._resolveFilename;
  const tfjs = createRequire(import.meta.url).resolve("@tensorflow/tfjs");
  const ours = new Map([
    ["@tensorflow/tfjs", tfjs],
    ["@tensorflow/tfjs-core", createRequire(tfjs).resolve("@tensorflow/tfjs-core")],
  ]);
  resolver._resolveFilename = (request, parent, ...rest) => {
    const redirected = parent?.filename?.startsWith(packageFolder + sep) === true ? ours.get(request) : undefined;
    return redirected ?? original.call(resolver, request, parent, ...rest);
  };
  try {
    return load();
  } finally {
    resolver._resolveFilename = original;
  }
}

/** The package calls two functions that Node 23 removed from `util`. */
export function restoreRemovedFunctions(
  util = createRequire(import.meta.url)("node:util") as Record<string, unknown>,
): void {
  util["isNullOrUndefined"] ??= (value: unknown) => value === null || value === undefined;
  util["isArray"] ??= Array.isArray;
}
