// Packages as npm installs them.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Packages } from "../host.ts";
import { packageManifest, packageRoot } from "../package.ts";
import { processes } from "./processes.ts";
import { readBytes, readText } from "./reading.ts";

const LARGEST_FILE = 64 * 2 ** 20;
const require = createRequire(import.meta.url);
const manifestSchema = z.looseObject({ name: z.string().optional(), version: z.string().optional() });

const COMPUTING = [
  "@tensorflow/tfjs",
  "@tensorflow/tfjs-backend-wasm",
  "@tensorflow/tfjs-backend-webgpu",
  "webgpu",
  "tinybench",
] as const;
const GIT_LIMIT = 30;

export const packages: Packages = {
  ownFile: (path) => readBytes(join(packageRoot(), path), LARGEST_FILE),
  sourceOf: (name, file) => readText(join(dirname(require.resolve(name)), file), LARGEST_FILE),
  resolve: (specifier) => require.resolve(specifier),

  version(name) {
    // Not every package lets its package.json be resolved: it is looked for above the main file.
    for (let folder = dirname(require.resolve(name)); ; folder = dirname(folder)) {
      const found = manifestOf(folder);
      if (found?.name === name && found.version !== undefined) return found.version;
      if (dirname(folder) === folder) throw new Error(`package ${name} has no package.json`);
    }
  },

  versions() {
    const { dependencies, optionalDependencies, version } = packageManifest();
    const declared = { ...dependencies, ...optionalDependencies };
    return {
      "lightnet-bench": version,
      ...Object.fromEntries(COMPUTING.map((name) => [name, declared[name] ?? "unknown"])),
    };
  },

  commit() {
    const git = (...args: string[]) => processes.outputOf("git", ["-C", packageRoot(), ...args], GIT_LIMIT);
    const commit = git("rev-parse", "HEAD");
    if (commit === undefined) return {};
    return { gitCommit: commit.trim(), gitDirty: git("status", "--porcelain")?.trim() !== "" };
  },
};

function manifestOf(folder: string): z.infer<typeof manifestSchema> | undefined {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
  } catch {
    return undefined;
  }
}
