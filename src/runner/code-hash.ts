// The hash of the code that computes a case. Results of older code are shown as stale, never mixed with new ones.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "#base/package";
import type { CaseKind } from "#suite/case";

/** Folders of src/ whose code can change what a case of this kind measures. */
const FOLDERS: Readonly<Record<CaseKind, readonly string[]>> = {
  operator: ["engine", "ops", "encodings", "models", "measure", "runner/workloads"],
  decode: ["engine", "ops", "measure", "runner/workloads"],
  training: ["engine", "ops", "encodings", "models", "tasks", "training"],
};

const sourceRoot = dirname(dirname(fileURLToPath(import.meta.url)));
const hashes = new Map<CaseKind, string>();

export function codeHash(kind: CaseKind): string {
  const known = hashes.get(kind);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  for (const folder of FOLDERS[kind]) hashFolder(hash, join(sourceRoot, folder));
  hashFolder(hash, join(packageRoot(), "dist", "kernels"));
  const digest = hash.digest("hex").slice(0, 16);
  hashes.set(kind, digest);
  return digest;
}

function hashFolder(hash: ReturnType<typeof createHash>, folder: string): void {
  if (!existsSync(folder)) return;
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => /(?<!\.test)\.(js|ts|wasm)$/.test(path));
  for (const file of files.sort()) hash.update(`${file}\n`).update(readFileSync(join(folder, file)));
}
