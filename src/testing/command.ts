// Runs the real command in a real process, as a person would.

import { join } from "node:path";
import { execa } from "execa";
import { packageRoot } from "#base/package";

const BIN = join(packageRoot(), "bin", "lightnet-bench.js");

/** Starts `lightnet-bench` with these arguments in a folder; never rejects. */
export function lightnetBench(args: readonly string[], cwd: string) {
  return execa({ reject: false, cwd, all: true })`${process.execPath} ${BIN} ${args}`;
}
