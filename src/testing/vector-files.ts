// Vector files for tests: a few that belong to the project, and a larger set where a folder `shared/oracle` lies
// beside it.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const OWN = fileURLToPath(new URL("vectors/", import.meta.url));
const SHARED = fileURLToPath(new URL("../../../shared/oracle/", import.meta.url));

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".safetensors"))
    .sort()
    .map((file) => join(folder, file));
}

/** Paths of the project's own vector files whose names begin with one of the prefixes. */
export function ownVectors(...prefixes: readonly string[]): string[] {
  return filesIn(OWN).filter((path) => prefixes.some((prefix) => path.slice(OWN.length).startsWith(prefix)));
}

/** The same of the shared set; empty, and why, where there is none. */
export function sharedVectors(...prefixes: readonly string[]): { readonly paths: string[]; readonly reason?: string } {
  const paths = filesIn(SHARED).filter((path) =>
    prefixes.some((prefix) => path.slice(SHARED.length).startsWith(prefix)),
  );
  return paths.length > 0 ? { paths } : { paths, reason: "no folder ../shared/oracle" };
}
