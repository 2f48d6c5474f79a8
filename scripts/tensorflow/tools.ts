// The programs that the set-up needs, all looked for before anything is downloaded.

import { execa } from "execa";
import { EnvironmentError } from "#base/errors";
import type { LibrarySource } from "./request.ts";

export interface Tools {
  readonly compiler: string;
  /** first line of its --version */
  readonly compilerVersion: string;
  readonly python: string;
}

interface Need {
  readonly what: string;
  readonly candidates: readonly string[];
  readonly probe: readonly string[];
  readonly get: string;
}

const PYTHON: Need = {
  what: "Python 3.9 or newer with pip 22.2 or newer",
  candidates: ["python3", "python"],
  // pip's own version and Python's in one: both must be there, and --report needs pip 22.2
  probe: [
    "-c",
    "import sys, pip; v = [int(x) for x in pip.__version__.split('.')[:2]]; sys.exit(0 if sys.version_info >= (3, 9) and v >= [22, 2] else 1)",
  ],
  get: "Debian, Ubuntu: apt-get install python3-pip; Fedora: dnf install python3-pip; else https://www.python.org (PYTHON=path names one)",
};

const COMPILER: Need = {
  what: "a C++17 compiler",
  candidates: ["g++", "clang++", "c++"],
  probe: ["--version"],
  get: "Debian, Ubuntu: apt-get install g++; Fedora: dnf install gcc-c++ (CXX=path names one)",
};

const NPM: Need = { what: "npm", candidates: ["npm"], probe: ["--version"], get: "it comes with Node.js" };
const TAR: Need = {
  what: "tar",
  candidates: ["tar"],
  probe: ["--version"],
  get: "Debian, Ubuntu: apt-get install tar",
};

/** @throws {EnvironmentError} naming everything that is missing and how to get it */
export async function findTools(source: LibrarySource, environment: NodeJS.ProcessEnv = process.env): Promise<Tools> {
  const platform = unsupported(process.platform, process.arch, isGlibc());
  if (platform !== undefined) throw new EnvironmentError(platform);
  const compiler = await find(COMPILER, environment["CXX"]);
  const python = source.kind === "pip" ? await find(PYTHON, environment["PYTHON"]) : { command: "" };
  const found = [compiler, python, await find(NPM), await find(TAR)];
  const missing = found.flatMap((result) => ("need" in result ? [`  ${result.need.what}: ${result.need.get}`] : []));
  if (missing.length > 0) throw new EnvironmentError(`The set-up of TensorFlow needs:\n${missing.join("\n")}`);
  return {
    compiler: "command" in compiler ? compiler.command : "",
    compilerVersion: "version" in compiler ? compiler.version : "",
    python: "command" in python ? python.command : "",
  };
}

/** The compiler alone. @throws {EnvironmentError} there is none */
export async function findCompiler(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Pick<Tools, "compiler" | "compilerVersion">> {
  const found = await find(COMPILER, environment["CXX"]);
  if ("need" in found) throw new EnvironmentError(`${found.need.what} is missing: ${found.need.get}`);
  return { compiler: found.command, compilerVersion: found.version };
}

async function find(
  need: Need,
  named?: string,
): Promise<{ readonly command: string; readonly version: string } | { readonly need: Need }> {
  const candidates = named === undefined || named === "" ? need.candidates : [named];
  for (const command of candidates) {
    const { exitCode, stdout } = await execa(command, need.probe, { reject: false, stdin: "ignore" });
    if (exitCode === 0) return { command, version: stdout.split("\n")[0] ?? "" };
  }
  return { need };
}

/** Why the set-up cannot work on a platform; undefined where it can. */
export function unsupported(platform: string, architecture: string, glibc: boolean): string | undefined {
  if (platform === "linux" && (architecture === "x64" || architecture === "arm64")) {
    return glibc
      ? undefined
      : "TensorFlow's library needs glibc, which this Linux (Alpine?) lacks. Use a Debian, Ubuntu or Fedora, or the engines wasm and webgpu.";
  }
  return `The tensorflow engine is set up on Linux with an x64 or arm64 processor; this is ${platform} ${architecture}. On Windows use WSL 2, on macOS a Linux container, or the engines wasm and webgpu.`;
}

function isGlibc(): boolean {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}
