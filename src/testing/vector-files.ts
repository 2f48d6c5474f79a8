// Vector files for tests: inputs and what the operators, encodings and layers make of them, from float64.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("vectors/", import.meta.url));

/** Paths of the project's vector files whose names begin with one of the prefixes. */
export function ownVectors(...prefixes: readonly string[]): string[] {
  return readdirSync(FOLDER)
    .filter((file) => prefixes.some((prefix) => file.startsWith(prefix)))
    .sort()
    .map((file) => join(FOLDER, file));
}
