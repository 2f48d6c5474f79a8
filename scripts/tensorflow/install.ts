// The set-up as steps: packages, library, binding, self-check; then the new installation takes the place of the old one
// in one rename. Each choice of version and source has a folder of its own, so that nothing half-made is ever used.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { z } from "zod";
import { EnvironmentError } from "#base/errors";
import { hashJson } from "#base/json";
import { BINDING, type InstallationManifest, findInstallation } from "#engine/tensorflow/installation";
import { listGpus } from "#engine/tensorflow/nvidia";
import {
  type CompiledBinding,
  bindingSchema,
  compileBinding,
  compileKernels,
  kernelsHash,
  kernelsSchema,
} from "./compile.ts";
import { type Library, fetchLibrary, librarySchema, locateLibrary, removeHeaders } from "./library.ts";
import { installPackage } from "./npm-packages.ts";
import { NODE_API_HEADERS, PROTOBUF, TFJS_NODE } from "./pins.ts";
import type { LibrarySource } from "./request.ts";
import { Steps, writeWhole } from "./steps.ts";
import { findCompiler, findTools } from "./tools.ts";

export interface Installed {
  readonly folder: string;
  readonly manifest: InstallationManifest;
  readonly downloadBytes: number;
  /** what the self-check ran on */
  readonly device: string;
  readonly wasThere: boolean;
}

type Say = (line: string) => void;

const packagesSchema = z.strictObject({ downloadBytes: z.number() });
const checkSchema = z.strictObject({ device: z.string() });
const deviceSchema = z.looseObject({ kind: z.string(), name: z.string() });
const PACKAGES = [TFJS_NODE, PROTOBUF, NODE_API_HEADERS];

/** Folder of an installation: names the version, and by its hash everything else that makes a difference. */
export function installationName(source: LibrarySource): string {
  const files = source.kind === "library" ? (locateLibrary(source.folder)?.files ?? []) : [];
  const given = files.map((file) => [file, statSync(file).size, statSync(file).mtimeMs]);
  const hash = hashJson({ format: 1, source, given, packages: PACKAGES }).slice(0, 8);
  return `${source.kind === "library" ? "own" : source.version}-${source.gpu ? "gpu" : "cpu"}-${hash}`;
}

/**
 * Installs what is missing and makes it the current installation of `prefix`.
 *
 * @throws {EnvironmentError} a program, the network or the platform stands in the way
 * @throws {DataError} a download has the wrong checksum
 */
export async function install(prefix: string, source: LibrarySource, say: Say): Promise<Installed> {
  const name = installationName(source);
  const folder = join(prefix, "versions", name);
  const link = join(prefix, "current");
  const isComplete = isIntact(folder);
  const steps = new Steps(folder, say);
  // A finished installation that is damaged: its headers are gone, so that the binding alone cannot be made again.
  const kernels = kernelsHash();
  if (!isComplete && existsSync(join(folder, "manifest.json")))
    steps.forget("packages", "library", "binding", `kernels-${kernels}`, `self-check-${kernels}`);
  const { downloadBytes, manifest, library } = await build(folder, source, steps);
  if (source.gpu || process.arch !== "x64")
    say("the engine's own kernels are for x64 processors: TensorFlow's operations are used");
  else await addKernels({ folder, library, hash: kernels, relocatable: source.kind !== "library" }, steps, say);
  const { device } = await steps.do({
    id: `self-check-${kernels}`,
    title: "checking the engine",
    result: checkSchema,
    run: async () => ({ device: await selfCheck(folder, source.gpu, say) }),
  });
  const wasThere = isComplete && linkTarget(link) === join("versions", name);
  if (!wasThere) {
    rmSync(`${link}.partial`, { force: true });
    symlinkSync(join("versions", name), `${link}.partial`);
    renameSync(`${link}.partial`, link);
  }
  for (const other of readdirSync(join(prefix, "versions"))) {
    if (other !== name) rmSync(join(prefix, "versions", other), { recursive: true });
  }
  return { folder, manifest, downloadBytes, device, wasThere };
}

async function build(folder: string, source: LibrarySource, steps: Steps) {
  const tools = isIntact(folder) ? undefined : await findTools(source);
  const packages = await steps.do({
    id: "packages",
    title: `fetching ${TFJS_NODE.name} ${TFJS_NODE.version}`,
    result: packagesSchema,
    run: async () => {
      let downloadBytes = 0;
      for (const each of PACKAGES) downloadBytes += await installPackage(each, folder);
      return { downloadBytes };
    },
  });
  const library = await steps.do({
    id: "library",
    title:
      source.kind === "library"
        ? `looking at ${source.folder}`
        : `fetching TensorFlow ${source.version}${source.gpu ? " with CUDA" : ""}`,
    result: librarySchema,
    run: () => fetchLibrary(source, folder, tools!.python),
  });
  const packageFolder = join(folder, "node_modules", TFJS_NODE.name);
  const binding = await steps.do({
    id: "binding",
    title: "compiling the binding",
    result: bindingSchema,
    run: async () => {
      const places = {
        packageFolder,
        nodeHeaders: join(folder, "node_modules", NODE_API_HEADERS.name, "include"),
        output: join(packageFolder, BINDING),
      };
      const compiled = await compileBinding(tools!, { ...places, library, relocatable: source.kind !== "library" });
      removeHeaders(library, folder);
      return compiled;
    },
  });
  const manifest = describe({ folder, source, library, binding });
  if (tools !== undefined) writeWhole(join(folder, "manifest.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return { manifest, library, downloadBytes: packages.downloadBytes + library.downloadBytes };
}

interface KernelsPlace {
  readonly folder: string;
  readonly library: Library;
  readonly hash: string;
  readonly relocatable: boolean;
}

/** Our own kernels make the engine faster; it works without them, so that a compiler too old for them stops nothing. */
async function addKernels({ folder, library, hash, relocatable }: KernelsPlace, steps: Steps, say: Say): Promise<void> {
  try {
    await steps.do({
      id: `kernels-${hash}`,
      title: "compiling the engine's own kernels",
      result: kernelsSchema,
      run: async () =>
        compileKernels(await findCompiler(), folder, {
          nodeHeaders: join(folder, "node_modules", NODE_API_HEADERS.name, "include"),
          library,
          relocatable,
        }),
    });
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    say(`${error.message}\nleft out: the engine uses TensorFlow's operations, and is slower`);
  }
}

interface Made {
  readonly folder: string;
  readonly source: LibrarySource;
  readonly library: Library;
  readonly binding: CompiledBinding;
}

function describe({ folder, source, library, binding }: Made): InstallationManifest {
  const inside = (path: string) =>
    relative(folder, path).startsWith("..") || isAbsolute(relative(folder, path)) ? path : relative(folder, path);
  return {
    format: 1,
    package: { name: TFJS_NODE.name, version: TFJS_NODE.version, folder: join("node_modules", TFJS_NODE.name) },
    tensorflow: {
      source: source.kind,
      version: library.version,
      files: library.files.map(inside),
      downloads: library.downloads,
    },
    binding,
    gpu: source.gpu,
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    createdAt: new Date().toISOString(),
  };
}

/** Everything is there and the binding is the one that was compiled. */
function isIntact(folder: string): boolean {
  if (!existsSync(join(folder, "manifest.json"))) return false;
  const found = findInstallation(folder);
  if ("reason" in found || found.manifest === undefined) return false;
  return createHash("sha256").update(readFileSync(found.binding)).digest("hex") === found.manifest.binding.sha256;
}

function linkTarget(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

/** The engine in a process of its own. Where CUDA was asked for and there is no GPU (an image is built), on the CPU. */
async function selfCheck(folder: string, gpu: boolean, say: Say): Promise<string> {
  const withoutGpu = gpu && listGpus().length === 0;
  if (withoutGpu)
    say("no NVIDIA GPU here: the engine is checked on the CPU, and will not be available until there is one");
  const program = fileURLToPath(new URL("./self-check.js", import.meta.url));
  const env = { LIGHTNET_BENCH_TENSORFLOW: folder, ...(withoutGpu ? { CUDA_VISIBLE_DEVICES: "-1" } : {}) };
  const { exitCode, signal, stdout, stderr } = await execa(process.execPath, [program], {
    env,
    reject: false,
    timeout: 120_000,
  });
  if (exitCode !== 0)
    throw new EnvironmentError(
      `The engine does not work (${signal ?? `exit code ${String(exitCode)}`}):\n${stderr.trim().slice(-4000)}`,
    );
  const { kind, name } = deviceSchema.parse(JSON.parse(stdout));
  return `${kind} ${name}`;
}

/** Removes everything the set-up made. @returns whether there was anything */
export function uninstall(prefix: string): boolean {
  if (!existsSync(join(prefix, "versions"))) return false;
  for (const name of ["current", "versions"]) rmSync(join(prefix, name), { recursive: true, force: true });
  return true;
}

/**
 * Keeps a second set-up out of the same folder.
 *
 * @returns the release
 * @throws {EnvironmentError} another set-up is at work there
 */
export function lock(prefix: string): () => void {
  mkdirSync(prefix, { recursive: true });
  const path = join(prefix, "set-up.lock");
  const owner = linkTarget(path);
  if (owner !== undefined) {
    if (isAlive(Number(owner)))
      throw new EnvironmentError(`Another set-up (process ${owner}) is at work in ${prefix}. Wait for it.`);
    rmSync(path, { force: true });
  }
  symlinkSync(String(process.pid), path); // a link is made or not, in one act
  return () => {
    rmSync(path, { force: true });
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
