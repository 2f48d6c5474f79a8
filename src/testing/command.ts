// Runs the real command in a real process, as a person would.

import { join } from "node:path";
import { execa } from "execa";
import { packageRoot } from "#host/package";

const BIN = join(packageRoot(), "bin", "lightnet-bench.js");

/** Starts `lightnet-bench` with these arguments in a folder, `env` on top of this process's own; never rejects. */
export function lightnetBench(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  return execa({ reject: false, cwd, all: true, env })`${process.execPath} ${BIN} ${args}`;
}
