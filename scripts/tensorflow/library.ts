// The TensorFlow library with its C headers, from one of three sources.

import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { execa } from "execa";
import { z } from "zod";
import { DataError, EnvironmentError, UsageError, describeError } from "#base/errors";
import type { LibrarySource } from "./request.ts";
import { type Pip, checkFile, cudaRequirements, downloadWheels, extractWheel, resolveWheels } from "./wheels.ts";

export const librarySchema = z.strictObject({
  version: z.string(),
  /** shared libraries to link, in link order */
  files: z.array(z.string()),
  headers: z.string(),
  downloads: z.record(z.string(), z.string()),
  downloadBytes: z.number(),
});
export type Library = z.infer<typeof librarySchema>;

const CORE = ["libtensorflow_cc.so.2", "libtensorflow.so.2", "libtensorflow.so"];
const FRAMEWORK = ["libtensorflow_framework.so.2", "libtensorflow_framework.so"];

/** Libraries and headers in a folder laid out as a wheel (`tensorflow/`) or as an archive of libtensorflow. */
export function locateLibrary(
  folder: string,
): { readonly files: readonly string[]; readonly headers: string } | undefined {
  const folders = [folder, join(folder, "lib"), join(folder, "tensorflow")];
  const first = (names: readonly string[]) =>
    folders.flatMap((parent) => names.map((name) => join(parent, name))).find((path) => existsSync(path));
  const core = first(CORE);
  const framework = first(FRAMEWORK);
  const headers = [join(folder, "include"), join(folder, "tensorflow", "include"), join(folder, "..", "include")].find(
    (path) => existsSync(join(path, "tensorflow", "c", "c_api.h")),
  );
  return core === undefined || framework === undefined || headers === undefined
    ? undefined
    : { files: [core, framework], headers };
}

/** @param folder of this installation; the library ends in its `library` folder unless it is used where it is */
export async function fetchLibrary(source: LibrarySource, folder: string, python: string): Promise<Library> {
  if (source.kind === "library") return useFolder(source.folder);
  const target = join(folder, "library");
  const partial = `${target}.partial`;
  rmSync(partial, { recursive: true, force: true });
  const fetched =
    source.kind === "pip"
      ? await fromWheels(source, { python, architecture: process.arch, folder: join(folder, "downloads") }, partial)
      : await fromMirror(source, join(folder, "downloads"), partial);
  const found = locateLibrary(partial);
  if (found === undefined) throw new DataError(partial, "what was downloaded has no TensorFlow library with C headers");
  rmSync(target, { recursive: true, force: true });
  renameSync(partial, target);
  rmSync(join(folder, "downloads"), { recursive: true, force: true });
  const moved = (path: string) => target + path.slice(partial.length);
  return { version: source.version, files: found.files.map(moved), headers: moved(found.headers), ...fetched };
}

function useFolder(folder: string): Library {
  const found = locateLibrary(folder);
  if (found === undefined) {
    throw new UsageError(
      `--library ${folder}: expected ${CORE.join(" or ")}, ${FRAMEWORK.join(" or ")} and include/tensorflow/c/c_api.h there (or in lib/).`,
    );
  }
  const files = found.files.map((file) => realpathSync(file));
  return { version: `in ${folder}`, files, headers: found.headers, downloads: {}, downloadBytes: 0 };
}

type Fetched = Pick<Library, "downloads" | "downloadBytes">;

async function fromWheels(
  { version, gpu }: { readonly version: string; readonly gpu: boolean },
  pip: Pip,
  target: string,
): Promise<Fetched> {
  // For arm64 there is one wheel, without CUDA, under the plain name.
  const name = gpu || pip.architecture !== "x64" ? "tensorflow" : "tensorflow-cpu";
  const wanted = ["tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2", "tensorflow/include/"];
  const main = await resolveWheels(pip, [`${name}==${version}`]);
  const [wheel] = await downloadWheels(pip, main.wheels, main.python);
  if (wheel === undefined) throw new EnvironmentError(`pip downloaded no wheel of ${name} ${version}`);
  const info = `${basename(wheel.path).split("-").slice(0, 2).join("-")}.dist-info/`;
  await extractWheel(pip.python, wheel.path, target, [...wanted, info]);
  const files = [wheel];
  if (gpu) files.push(...(await addCuda(pip, readFileSync(join(target, info, "METADATA"), "utf8"), target)));
  return {
    downloads: Object.fromEntries(files.map(({ path, sha256 }) => [basename(path), sha256])),
    downloadBytes: files.reduce((total, { bytes }) => total + bytes, 0),
  };
}

/** CUDA's libraries beside TensorFlow, where its run path looks for them: ../nvidia/…/lib. */
async function addCuda(pip: Pip, metadata: string, target: string) {
  const requirements = cudaRequirements(metadata);
  if (requirements.length === 0)
    throw new EnvironmentError("This TensorFlow names no CUDA libraries: its wheel is for the CPU (on arm64 all are).");
  const { wheels, python } = await resolveWheels(pip, requirements);
  const files = await downloadWheels(pip, wheels, python);
  for (const { path } of files) {
    await extractWheel(pip.python, path, target, ["nvidia/"]);
    rmSync(path);
  }
  return files;
}

async function fromMirror(
  { url, sha256 }: Extract<LibrarySource, { kind: "mirror" }>,
  downloads: string,
  target: string,
): Promise<Fetched> {
  mkdirSync(downloads, { recursive: true });
  const archive = join(downloads, basename(new URL(url).pathname));
  try {
    const response = await fetch(url);
    if (!response.ok || response.body === null) throw new Error(`HTTP status ${response.status}`);
    await pipeline(response.body, createWriteStream(archive));
  } catch (error) {
    // fetch says only that it failed; its cause says why.
    const cause =
      error instanceof Error && error.cause !== undefined ? describeError(error.cause) : describeError(error);
    throw new EnvironmentError(`${url} could not be downloaded (${cause}).`, { url }, { cause: error });
  }
  await checkFile(archive, new Set([sha256]));
  mkdirSync(target, { recursive: true });
  await execa("tar", ["-xzf", archive, "-C", target]);
  return { downloads: { [basename(archive)]: sha256 }, downloadBytes: statSync(archive).size };
}

/** Headers are only needed to compile, and are most of the files. */
export function removeHeaders({ headers }: Library, folder: string): void {
  if (headers.startsWith(join(folder, "library")) && readdirSync(headers).length > 0)
    rmSync(headers, { recursive: true });
}
