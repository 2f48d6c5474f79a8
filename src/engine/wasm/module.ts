// Finds, chooses and starts the compiled kernels: the relaxed SIMD build where it validates, else the plain one.

import { EnvironmentError } from "#base/errors";
import { unknownName } from "#base/registry";
import { host } from "#host/current";
import { FileError } from "#host/host";
import { isShared, withSharedMemory } from "./shared-memory.ts";

/** `stock` runs tfjs-backend-wasm as it is, for comparisons. */
export const KERNEL_BUILDS = ["relaxed", "simd", "stock"] as const;
export type KernelBuild = (typeof KERNEL_BUILDS)[number];

/** Exports of assembly/index.ts. Addresses and sizes are i32; booleans 0 or 1. */
export type KernelModule = Readonly<Record<string, (...values: number[]) => number>>;

function bytesOf(build: KernelBuild): Uint8Array<ArrayBuffer> {
  const file = `dist/kernels/${build}.wasm`;
  try {
    return host.packages.ownFile(file);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new EnvironmentError(`${file} ${error.message}. The first run builds it, and so does npm run build.`, {
      file,
    });
  }
}

/**
 * The build to use: what `LIGHTNET_BENCH_WASM` names, or the fastest that runs here.
 *
 * @throws {UnknownNameError} the variable names no build
 * @throws {EnvironmentError} the named build does not validate here, or was not compiled
 */
export function chooseBuild(wanted = host.variable("LIGHTNET_BENCH_WASM")): KernelBuild {
  if (wanted === undefined || wanted === "") return WebAssembly.validate(bytesOf("relaxed")) ? "relaxed" : "simd";
  if (!(KERNEL_BUILDS as readonly string[]).includes(wanted)) throw unknownName("wasm build", wanted, KERNEL_BUILDS);
  const build = wanted as KernelBuild;
  if (build !== "stock" && !WebAssembly.validate(bytesOf(build))) {
    throw new EnvironmentError(
      `LIGHTNET_BENCH_WASM=${build}: ${host.title} does not run that build. Leave the variable out.`,
    );
  }
  return build;
}

/** A build for the backend's memory: shared by threads or not. */
export function compile(build: KernelBuild, memory: WebAssembly.Memory): WebAssembly.Module {
  const bytes = bytesOf(build);
  return new WebAssembly.Module(isShared(memory) ? withSharedMemory(bytes) : bytes);
}

/** Starts a compiled build on the backend's own memory, so that its kernels work on tensors in place. */
export function instantiate(compiled: WebAssembly.Module, memory: WebAssembly.Memory): KernelModule {
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as KernelModule;
}
