// `verify`: every strategy against the float64 reference, and against vector files when they are given.

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { systemClock } from "#base/clock";
import { defined } from "#base/defined";
import { DataError, EXIT } from "#base/errors";
import type { Seconds } from "#base/units";
import { collect, flag, parseCountTo } from "./options.ts";

const MOST_THREADS = 4096;

interface VerifyFlags {
  readonly engine: string;
  readonly vectors?: readonly string[];
  readonly gpuAdapter?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

export function addVerify(program: Command): void {
  const command = program
    .command("verify")
    .description("check every operator and strategy against the float64 reference, and against vector files")
    .addOption(flag("--engine <engine>", "engine to check, or auto").default("wasm"))
    .addOption(flag("--vectors <path>", "safetensors file or folder of them; repeat for more").argParser(collect))
    .addOption(flag("--gpu-adapter <name>", "part of the name of the GPU adapter to use"))
    .addOption(
      flag("--threads <n>", "threads of engine wasm, each of which then takes a part of every call").argParser(
        parseCountTo(MOST_THREADS),
      ),
    )
    .addOption(flag("--json", "as JSON"));
  command.argument("[paths...]", "more vector files or folders, after --vectors");
  command.action(async (paths: string[]) => {
    const flags = command.opts<VerifyFlags>();
    const files = [...(flags.vectors ?? []), ...paths].flatMap(vectorFiles);
    const { chooseEngine } = await import("#runner/choose-engine");
    const { startEngine } = await import("#engine/registry");
    const { verifyOperators, verifyVectors } = await import("#runner/verification");
    const { formatChecks } = await import("./format-checks.ts");
    const { gpuAdapter, threads } = flags;
    const engine = await startEngine(
      await chooseEngine(flags.engine, gpuAdapter),
      defined({ gpuAdapter, threads, sharesAll: true }),
    );
    const onProgress = progressNowAndThen();
    const checks =
      files.length > 0 ? await verifyVectors(files, engine, onProgress) : await verifyOperators(engine, onProgress);
    console.log(flags.json === true ? JSON.stringify(checks, spellOut, 2) : formatChecks(checks, engine));
    process.exitCode = checks.every(({ ok }) => ok) ? EXIT.ok : EXIT.regression;
    await engine.stop();
  });
}

/** JSON has no infinity and would say null, which reads as "nothing": spelt out, a number in most languages can be made of it. */
function spellOut(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

const SILENCE: Seconds = 5;

/** Says on stderr what is checked now. An emulated GPU takes minutes; a fast engine is done before anything is said. */
function progressNowAndThen(): (next: string, done: number, total: number) => void {
  let lastSaid = systemClock.now();
  return (next, done, total) => {
    if (systemClock.now() - lastSaid < SILENCE) return;
    lastSaid = systemClock.now();
    console.error(`${done} of ${total} checked; now ${next}`);
  };
}

/** The safetensors files at a path. @throws {DataError} nothing there, or a folder without any */
function vectorFiles(path: string): string[] {
  if (!existsSync(path))
    throw new DataError(path, "does not exist; --vectors takes safetensors files or folders of them");
  if (!statSync(path).isDirectory()) return [path];
  const files = readdirSync(path)
    .filter((name) => name.endsWith(".safetensors"))
    .sort();
  if (files.length === 0) throw new DataError(path, "holds no .safetensors file");
  return files.map((name) => join(path, name));
}
