// Where TensorFlow and its binding lie: what `npm run setup:tensorflow` made, or a copy of the package that the user
// installed. Looking costs a few file reads; nothing is loaded here.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { packageRoot } from "#host/package";

export const SET_UP = "npm run setup:tensorflow";
export const PACKAGES = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] as const;
/** Where the binding lies inside the package: every Node that this project supports has Node-API 8. */
export const BINDING = join("lib", "napi-v8", "tfjs_binding.node");

/** What the set-up made; paths are relative to the folder of the manifest, or absolute for a library given with --library. */
export const manifestSchema = z.strictObject({
  format: z.literal(1),
  package: z.strictObject({ name: z.string(), version: z.string(), folder: z.string() }),
  tensorflow: z.strictObject({
    source: z.enum(["pip", "library", "mirror"]),
    /** as the wheel or the mirror names it; the library itself says its version when it runs */
    version: z.string(),
    files: z.array(z.string()).min(1),
    /** sha256 of what was downloaded, by file name */
    downloads: z.record(z.string(), z.string()),
  }),
  binding: z.strictObject({ sha256: z.string(), compiler: z.string() }),
  gpu: z.boolean(),
  platform: z.string(),
  node: z.string(),
  createdAt: z.string(),
});
const packageSchema = z.looseObject({ version: z.string() });
export type InstallationManifest = z.infer<typeof manifestSchema>;

export interface Installation {
  readonly packageFolder: string;
  readonly packageVersion: string;
  readonly binding: string;
  /** of the set-up; absent for a copy that the user installed */
  readonly folder?: string;
  /** absent for a copy that the user installed */
  readonly manifest?: InstallationManifest;
}

export interface NotInstalled {
  readonly reason: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder of the set-up: `LIGHTNET_BENCH_TENSORFLOW`, or .tensorflow in the package's own folder. */
export function defaultPrefix(environment: Environment = process.env): string {
  const named = environment["LIGHTNET_BENCH_TENSORFLOW"];
  return named === undefined || named === "" ? join(packageRoot(), ".tensorflow") : resolve(named);
}

/** The set-up made under `prefix`, or the first copy of the package beside this project; or why there is none. */
export function findInstallation(prefix: string = defaultPrefix()): Installation | NotInstalled {
  const folder = existsSync(join(prefix, "manifest.json")) ? prefix : join(prefix, "current");
  if (existsSync(join(folder, "manifest.json"))) return fromManifest(folder);
  const copy = PACKAGES.map(copyOfUser).find((found) => found !== undefined);
  if (copy !== undefined) return copy;
  if (existsSync(prefix)) {
    return {
      reason: `its set-up in ${prefix} was not finished. Run \`${SET_UP}\` again: it goes on where it stopped.`,
    };
  }
  return { reason: `${PACKAGES[0]} is not installed. Run \`${SET_UP}\` (with \`-- --gpu\` for CUDA).` };
}

function fromManifest(folder: string): Installation | NotInstalled {
  const path = join(folder, "manifest.json");
  let manifest: InstallationManifest;
  try {
    manifest = manifestSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return { reason: `${path} is damaged or of another version of this project. Run \`${SET_UP}\` again.` };
  }
  const packageFolder = resolve(folder, manifest.package.folder);
  if (!existsSync(join(packageFolder, "package.json"))) {
    return { reason: `${manifest.package.name} is missing from ${packageFolder}. Run \`${SET_UP}\` again.` };
  }
  const lost = manifest.tensorflow.files.map((file) => resolve(folder, file)).find((file) => !existsSync(file));
  if (lost !== undefined) return { reason: `the library ${lost} is missing. Run \`${SET_UP}\` again.` };
  const found = withBinding(packageFolder, manifest);
  return "reason" in found ? found : { ...found, folder };
}

function copyOfUser(name: string): Installation | NotInstalled | undefined {
  let file: string;
  try {
    file = createRequire(join(packageRoot(), "package.json")).resolve(`${name}/package.json`);
  } catch {
    return undefined;
  }
  return withBinding(dirname(file));
}

function withBinding(packageFolder: string, manifest?: InstallationManifest): Installation | NotInstalled {
  const binding = join(packageFolder, BINDING);
  if (!existsSync(binding)) {
    return { reason: `${packageFolder} has no compiled binding (${BINDING}). Run \`${SET_UP}\`: it compiles one.` };
  }
  const { version } = packageSchema.parse(JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")));
  return { packageFolder, packageVersion: version, binding, ...(manifest === undefined ? {} : { manifest }) };
}
