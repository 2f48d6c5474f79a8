// The hash of the code that computes a case. Results of older code are shown as stale, never mixed with new ones.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { shortHash } from "#base/json";
import { packageRoot } from "#host/package";
import { ENGINE_IDS, type CaseKind, type EngineId } from "#case/case";
import { hashOfGraph, modulesOf, wordsOf, type GraphOptions } from "./code-graph.ts";

/** What is hashed: the work of a kind of case, or the correctness check before it. */
export type Work = CaseKind | "gate";

/** Modules from which, beside the engine, everything is reached that can change a result. */
const ENTRIES: Readonly<Record<Work, readonly string[]>> = {
  operator: ["runner/workloads/operator"],
  decode: ["runner/workloads/decode"],
  training: ["runner/workloads/training"],
  "train-step": ["runner/workloads/train-step"],
  gate: ["runner/workloads/gate"],
};

/** Reached, but no result depends on them, with the reason. */
const WITHOUT_EFFECT: readonly (readonly [RegExp, string])[] = [
  [/^base\/(?!random$|safetensors$)/, "words of errors, units, registries, files: nothing here computes a result"],
  [/^host\/(?!safetensors$)/, "files, processes, clocks: the bytes that are read are data"],
  [/^store\//, "how results are written down"],
  [/^runner\/(protocol|failure|options|workloads\/(atom|failure|workload))$/, "what is said to the parent"],
  [/^(programs\/|runner\/workloads\/programs$)/, "programs from outside: what they are is in their own digest"],
  [/^case\/(?!shape$)/, "the case itself is in its id"],
  [/^engine\/(gpu-state|registry)$/, "readings beside the results; the engine itself is an entry"],
  [/^data\/(fetch\/|.*sources?$)/, "addresses and downloads: a data set is known by its bytes"],
  [/^catalogue\/(?!tasks$|floor$)/, "what is compared is in the case"],
];

/** Kernels of an engine that are no JavaScript, from the package's root: what was compiled, or is compiled by the set-up. */
const NATIVE_FOLDERS: Readonly<Partial<Record<EngineId, string>>> = {
  wasm: "dist/kernels",
  tensorflow: "src/engine/tensorflow/native",
};

const thisFile = fileURLToPath(import.meta.url);
const sourceRoot = dirname(dirname(thisFile));

function optionsFor(engine: EngineId, root: string): GraphOptions {
  const others = ENGINE_IDS.filter((id) => id !== engine).map((id) => `engine/${id}/`);
  return {
    root,
    extension: thisFile.endsWith(".ts") ? ".ts" : ".js",
    isLeftOut: (path) =>
      others.some((folder) => path.startsWith(folder)) || WITHOUT_EFFECT.some(([pattern]) => pattern.test(path)),
  };
}

function entriesOf(kind: Work, engine: EngineId): string[] {
  return [`engine/${engine}/engine`, ...ENTRIES[kind]];
}

const hashes = new Map<string, string>();

/** The code of a kind of case on its engine; the code of other engines does not count. @param root folder of the program */
export function codeHash(
  { kind, engine }: { readonly kind: Work; readonly engine: EngineId },
  root = sourceRoot,
): string {
  const name = `${kind} ${engine} ${root}`;
  const known = hashes.get(name);
  if (known !== undefined) return known;
  const graph = hashOfGraph(entriesOf(kind, engine), optionsFor(engine, root));
  const hash = shortHash([graph, ...nativeHashes(engine)].join("\n"));
  hashes.set(name, hash);
  return hash;
}

/** What `codeHash` looks at: paths below src/, and packages. */
export function hashedModules(kind: Work, engine: EngineId): { files: string[]; packages: string[] } {
  return modulesOf(entriesOf(kind, engine), optionsFor(engine, sourceRoot));
}

function nativeHashes(engine: EngineId): string[] {
  const native = NATIVE_FOLDERS[engine];
  const folder = native === undefined ? undefined : join(packageRoot(), native);
  if (folder === undefined || !existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.(wasm|cc|h)$/.test(path),
  );
  const contentOf = (path: string) =>
    path.endsWith(".wasm")
      ? readFileSync(join(folder, path))
      : wordsOf(readFileSync(join(folder, path), "utf8")).join(" ");
  return files.map((path) => shortHash(contentOf(path))).sort();
}
