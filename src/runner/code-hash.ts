// The hash of the code that computes a case. Results of older code are shown as stale, never mixed with new ones.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "#host/package";
import type { Case, CaseKind, EngineId } from "#case/case";

/** Folders of src/ whose code can change what a case of this kind measures, beside the engines. */
const FOLDERS: Readonly<Record<CaseKind, readonly string[]>> = {
  operator: ["ops", "encodings", "models", "weights", "measure", "runner/workloads"],
  decode: ["ops", "measure", "runner/workloads"],
  training: ["ops", "encodings", "models", "weights", "data", "tasks", "training"],
};

/** Kernels of an engine that are no JavaScript, from the package's root: what was compiled, or is compiled by the set-up. */
const NATIVE_FOLDERS: Readonly<Partial<Record<EngineId, string>>> = {
  wasm: "dist/kernels",
  tensorflow: "src/engine/tensorflow/native",
};

const CODE = /(?<!\.test)\.(js|ts|wasm|cc|h)$/;

const sourceRoot = dirname(dirname(fileURLToPath(import.meta.url)));
const hashes = new Map<string, string>();

/** The code of a kind of case on its engine; the code of other engines does not count. */
export function codeHash({ kind, engine }: Pick<Case, "kind" | "engine">): string {
  const name = `${kind} ${engine}`;
  const known = hashes.get(name);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  hashFiles(hash, join(sourceRoot, "engine"), { recursive: false });
  for (const folder of [`engine/${engine}`, ...FOLDERS[kind]])
    hashFiles(hash, join(sourceRoot, folder), { recursive: true });
  const native = NATIVE_FOLDERS[engine];
  if (native !== undefined) hashFiles(hash, join(packageRoot(), native), { recursive: true });
  const digest = hash.digest("hex").slice(0, 16);
  hashes.set(name, digest);
  return digest;
}

function hashFiles(
  hash: ReturnType<typeof createHash>,
  folder: string,
  { recursive }: { readonly recursive: boolean },
): void {
  if (!existsSync(folder)) return;
  const files = readdirSync(folder, { recursive, encoding: "utf8" }).filter((path) => CODE.test(path));
  for (const file of files.sort()) hash.update(`${file}\n`).update(readFileSync(join(folder, file)));
}
