// Compiles the package's Node-API binding against a TensorFlow library, by the compiler directly: node-gyp would
// download Node's headers and read a layout of folders that a wheel does not have.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { EnvironmentError } from "#base/errors";
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
export function compilerArguments({ packageFolder, nodeHeaders, library, output, relocatable }: Compilation, sources: readonly string[]): string[] {
  const folders = [...new Set(library.files.map((file) => dirname(file)))];
  const runPaths = folders.map((folder) => (relocatable ? `$ORIGIN/${relative(dirname(output), folder)}` : folder));
  return [
    ...["-std=c++17", "-O2", "-fPIC", "-shared", "-w", "-DNAPI_VERSION=8"],
    ...["-I", join(packageFolder, "binding"), "-I", nodeHeaders, "-I", library.headers],
    ...sources,
    ...["-o", `${output}.partial`],
    ...library.files,
    ...runPaths.map((path) => `-Wl,-rpath,${path}`),
  ];
}

/** @throws {EnvironmentError} the compiler's own message */
export async function compileBinding({ compiler, compilerVersion }: Tools, compilation: Compilation): Promise<CompiledBinding> {
  const { packageFolder, output } = compilation;
  const folder = join(packageFolder, "binding");
  const sources = readdirSync(folder).filter((name) => name.endsWith(".cc")).map((name) => join(folder, name));
  mkdirSync(dirname(output), { recursive: true });
  const { exitCode, stderr } = await execa(compiler, compilerArguments(compilation, sources), { reject: false });
  if (exitCode !== 0) throw new EnvironmentError(`The binding does not compile with ${compilerVersion}:\n${stderr.trim().slice(0, 4000)}`);
  renameSync(`${output}.partial`, output);
  return { sha256: createHash("sha256").update(readFileSync(output)).digest("hex"), compiler: compilerVersion };
}
