// What `npm run setup:tensorflow -- …` is asked to do.

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { UsageError, describeError } from "#base/errors";
import { defaultPrefix } from "#engine/tensorflow/installation";
import { MIRROR_VERSION, TENSORFLOW_VERSION } from "./pins.ts";

export const USAGE = `npm run setup:tensorflow -- [options]

  --gpu             TensorFlow with CUDA (about 3 GB instead of 0.3 GB to download)
  --version x       another TensorFlow than ${TENSORFLOW_VERSION}
  --prefix dir      where to install; LIGHTNET_BENCH_TENSORFLOW=dir then tells the engine (default .tensorflow)
  --library dir     use the TensorFlow in dir (libtensorflow_cc.so.2 or libtensorflow.so, and include/) where it is
  --sha256 hex      checksum of the archive of a mirror
  --optional        end well, with a message, where a tool or the network is missing
  --uninstall       remove what was installed
  --help

A mirror of libtensorflow archives is used when TFJS_NODE_BASE_URI or TFJS_NODE_CDN_STORAGE names one.`;

export type LibrarySource =
  | { readonly kind: "pip"; readonly version: string; readonly gpu: boolean }
  | { readonly kind: "library"; readonly folder: string; readonly gpu: boolean }
  | {
      readonly kind: "mirror";
      readonly version: string;
      readonly gpu: boolean;
      readonly url: string;
      readonly sha256: string;
    };

export type SetUpRequest =
  | { readonly action: "help" }
  | { readonly action: "uninstall"; readonly prefix: string }
  | { readonly action: "install"; readonly prefix: string; readonly optional: boolean; readonly source: LibrarySource };

const OPTIONS = {
  gpu: { type: "boolean", default: false },
  version: { type: "string" },
  prefix: { type: "string" },
  library: { type: "string" },
  sha256: { type: "string" },
  optional: { type: "boolean", default: false },
  uninstall: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

type Environment = Readonly<Record<string, string | undefined>>;
type Flags = ReturnType<typeof parseFlags>;

/** @throws {UsageError} an unknown option, a malformed value, or options that exclude each other */
export function parseRequest(
  args: readonly string[],
  environment: Environment,
  architecture: string = process.arch,
): SetUpRequest {
  const flags = parseFlags(args);
  if (flags.help) return { action: "help" };
  const prefix = flags.prefix === undefined ? defaultPrefix(environment) : resolve(flags.prefix);
  if (flags.uninstall) return { action: "uninstall", prefix };
  if (flags.version !== undefined && !/^\d+\.\d+\.\d+(\.?(rc|post|dev)\d+)?$/.test(flags.version)) {
    throw new UsageError(`--version must be a release like ${TENSORFLOW_VERSION}, got "${flags.version}".`);
  }
  return { action: "install", prefix, optional: flags.optional, source: sourceOf(flags, environment, architecture) };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(`${describeError(error)}\n\n${USAGE}`, {}, { cause: error });
  }
}

function sourceOf(
  { gpu, version, library, sha256 }: Flags,
  environment: Environment,
  architecture: string,
): LibrarySource {
  if (library !== undefined) {
    if (version !== undefined) throw new UsageError("--library brings its own version: leave --version out.");
    return { kind: "library", folder: resolve(library), gpu };
  }
  const mirror = mirrorOf(environment);
  if (mirror === undefined) return { kind: "pip", version: version ?? TENSORFLOW_VERSION, gpu };
  if (sha256 === undefined || !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new UsageError(
      `${mirror.variable} names a mirror, whose archive cannot be trusted without its checksum: add --sha256 with 64 hexadecimal digits, or unset the variable to install from PyPI.`,
    );
  }
  const chosen = version ?? MIRROR_VERSION;
  const system = `${gpu ? "gpu" : "cpu"}-linux-${architecture === "x64" ? "x86_64" : architecture}`;
  return {
    kind: "mirror",
    version: chosen,
    gpu,
    url: `${mirror.base}${system}-${chosen}.tar.gz`,
    sha256: sha256.toLowerCase(),
  };
}

/** The variables of the package's own installer (tfjs-node 4.22, scripts/install.js), in its order. */
function mirrorOf(environment: Environment): { readonly variable: string; readonly base: string } | undefined {
  for (const variable of ["TFJS_NODE_BASE_URI", "npm_config_TFJS_NODE_BASE_URI"]) {
    const base = environment[variable];
    if (base !== undefined && base !== "") return { variable, base };
  }
  for (const variable of ["TFJS_NODE_CDN_STORAGE", "npm_config_TFJS_NODE_CDN_STORAGE", "CDN_STORAGE"]) {
    const host = environment[variable];
    if (host !== undefined && host !== "")
      return { variable, base: `${host.replace(/\/?$/, "/")}tensorflow/libtensorflow/libtensorflow-` };
  }
  return undefined;
}
