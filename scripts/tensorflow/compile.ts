// Compiles the package's Node-API binding and our own kernels against a TensorFlow library, by the compiler directly:
// node-gyp would download Node's headers and read a layout of folders that a wheel does not have.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { EnvironmentError } from "#base/errors";
import { packageRoot } from "#host/package";
import { INSTRUCTION_SETS, type InstructionSet, kernelsFile } from "#engine/tensorflow/instruction-sets";
import type { Library } from "./library.ts";
import type { Tools } from "./tools.ts";

export const bindingSchema = z.strictObject({ sha256: z.string(), compiler: z.string() });
export type CompiledBinding = z.infer<typeof bindingSchema>;

export interface Compilation {
  /** folder of the package with binding/*.cc */
  readonly packageFolder: string;
  readonly nodeHeaders: string;
  readonly library: Library;
  /** where the binding goes */
  readonly output: string;
  /** the libraries lie in the same installation: found from the binding, wherever the installation is moved to */
  readonly relocatable: boolean;
}

/** Arguments of the compiler. */
export function compilerArguments(
  { packageFolder, nodeHeaders, library, output, relocatable }: Compilation,
  sources: readonly string[],
): string[] {
  return [
    ...["-std=c++17", "-O2", "-fPIC", "-shared", "-w", "-DNAPI_VERSION=8"],
    ...["-I", join(packageFolder, "binding"), "-I", nodeHeaders, "-I", library.headers],
    ...sources,
    ...linkerArguments({ library, output, relocatable }),
  ];
}

function linkerArguments({
  library,
  output,
  relocatable,
}: Pick<Compilation, "library" | "output" | "relocatable">): string[] {
  const folders = [...new Set(library.files.map((file) => dirname(file)))];
  const runPaths = folders.map((folder) => (relocatable ? `$ORIGIN/${relative(dirname(output), folder)}` : folder));
  return ["-o", `${output}.partial`, ...library.files, ...runPaths.map((path) => `-Wl,-rpath,${path}`)];
}

/** @throws {EnvironmentError} the compiler's own message */
export async function compileBinding(
  { compiler, compilerVersion }: Tools,
  compilation: Compilation,
): Promise<CompiledBinding> {
  const { packageFolder, output } = compilation;
  const folder = join(packageFolder, "binding");
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith(".cc"))
    .map((name) => join(folder, name));
  mkdirSync(dirname(output), { recursive: true });
  const { exitCode, stderr } = await execa(compiler, compilerArguments(compilation, sources), { reject: false });
  if (exitCode !== 0)
    throw new EnvironmentError(
      `The binding does not compile with ${compilerVersion}:\n${stderr.trim().slice(0, 4000)}`,
    );
  renameSync(`${output}.partial`, output);
  return { sha256: sha256Of(output), compiler: compilerVersion };
}

function sha256Of(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

export const kernelsSchema = z.strictObject({ compiler: z.string(), files: z.record(z.string(), z.string()) });
export type CompiledKernels = z.infer<typeof kernelsSchema>;

const FLAGS: Readonly<Record<InstructionSet, readonly string[]>> = {
  avx512: ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx2", "-mfma"],
  avx2: ["-mavx2", "-mfma"],
};

function kernelSources(): string[] {
  const folder = join(packageRoot(), "src", "engine", "tensorflow", "native");
  return readdirSync(folder)
    .filter((name) => /\.(cc|h)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Names the sources of our kernels: others are compiled anew. */
export function kernelsHash(): string {
  const hash = createHash("sha256");
  for (const file of kernelSources()) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 8);
}

/**
 * Our own kernels, once for each instruction set.
 *
 * @param folder of the installation
 * @throws {EnvironmentError} the compiler's own message
 */
export async function compileKernels(
  { compiler, compilerVersion }: Pick<Tools, "compiler" | "compilerVersion">,
  folder: string,
  compilation: Omit<Compilation, "packageFolder" | "output">,
): Promise<CompiledKernels> {
  const sources = kernelSources().filter((name) => name.endsWith(".cc"));
  const compiled = INSTRUCTION_SETS.map(async (set) => {
    const output = kernelsFile(folder, set);
    mkdirSync(dirname(output), { recursive: true });
    // Contraction: a · b + c is one operation. Without errno, square roots are too.
    const options = [
      "-std=c++17",
      "-O3",
      "-ffp-contract=fast",
      "-fno-math-errno",
      "-fPIC",
      "-shared",
      "-pthread",
      "-w",
      "-DNAPI_VERSION=8",
      ...FLAGS[set],
    ];
    const { exitCode, stderr } = await execa(
      compiler,
      [...options, "-I", compilation.nodeHeaders, ...sources, ...linkerArguments({ ...compilation, output })],
      { reject: false },
    );
    if (exitCode !== 0)
      throw new EnvironmentError(
        `The kernels do not compile with ${compilerVersion} for ${set}:\n${stderr.trim().slice(0, 4000)}`,
      );
    renameSync(`${output}.partial`, output);
    return [set, sha256Of(output)] as const;
  });
  return { compiler: compilerVersion, files: Object.fromEntries(await Promise.all(compiled)) };
}
