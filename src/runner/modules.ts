// Files of the user's, in TypeScript or JavaScript: what they export, under a name that says which content it had. A file is
// bundled with what it imports from beside it, so that it runs on any Node; `lightnet-bench` means this very program.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";
import { describeError, UsageError } from "#base/errors";
import { shortHash } from "#base/json";
import { wordsOf } from "./code-graph.ts";
import type { GivenModule } from "./given-module.ts";

export interface LoadedModule extends GivenModule {
  /** default and named exports, each once */
  readonly exported: readonly unknown[];
}

const LIBRARY = "lightnet-bench";
const libraryUrl = new URL("../library/index.js", import.meta.url).href;

/** Whether a path names a file of code, not a manifest. */
export function isModulePath(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path);
}

/** @throws {UsageError} no such file or it cannot be compiled, or throws while it is read */
export async function loadModule(path: string): Promise<LoadedModule> {
  const file = resolve(path);
  if (!existsSync(file)) throw new UsageError(`there is no file ${path}.`);
  const { text, inputs } = await bundle(file);
  const digest = shortHash(inputs.map((input) => shortHash(wordsOf(readFileSync(input, "utf8")).join(" "))).join("\n"));
  const folder = mkdtempSync(join(tmpdir(), "lightnet-bench-module-"));
  try {
    const compiled = join(folder, "module.mjs");
    writeFileSync(compiled, text);
    const exported = (await import(pathToFileURL(compiled).href)) as Readonly<Record<string, unknown>>;
    return { file, digest, exported: [...new Set(Object.values(exported))] };
  } catch (error) {
    throw new UsageError(`${file}: cannot be read as a module: ${oneLine(error)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The file and what it imports by relative paths as one text; packages stay where they are. */
async function bundle(file: string): Promise<{ readonly text: string; readonly inputs: readonly string[] }> {
  const { build } = await import("esbuild");
  try {
    const { outputFiles, metafile } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "node",
      target: "node20",
      sourcemap: "inline",
      logLevel: "silent",
      absWorkingDir: dirname(file),
      plugins: [packagesAsTheyAre],
    });
    const inputs = Object.keys(metafile.inputs).map((input) => resolve(dirname(file), input));
    return { text: outputFiles[0]!.text, inputs: inputs.sort() };
  } catch (error) {
    throw new UsageError(`${file}: cannot be compiled: ${oneLine(error)}`);
  }
}

/** Imports of packages are resolved from the file that names them, since the bundle lies elsewhere. */
const packagesAsTheyAre: Plugin = {
  name: "packages",
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, resolveDir, kind, pluginData }) => {
      if (kind === "entry-point" || pluginData === packagesAsTheyAre || path.startsWith("node:")) return undefined;
      if (path === LIBRARY) return { path: libraryUrl, external: true };
      const found = await build.resolve(path, { resolveDir, kind, pluginData: packagesAsTheyAre });
      if (found.errors.length > 0 || !found.path.startsWith("/")) return found;
      return { path: pathToFileURL(found.path).href, external: true };
    });
  },
};

function oneLine(error: unknown): string {
  return describeError(error).replaceAll(/\s+/g, " ");
}
