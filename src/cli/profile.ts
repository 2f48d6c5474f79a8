// `profile <case>`: where a training step goes, by part, module and kernel.

import type { Command } from "commander";
import { counted } from "#base/counted";
import { defined } from "#base/defined";
import { UsageError } from "#base/errors";
import { axesOf } from "#catalogue/axes";
import { caseId, ENGINE_IDS, SCALES, type Case, type EngineId, type Scale } from "#case/case";
import { findDatasets } from "#data/sets/registry";
import { expand } from "#runner/expand";
import type { ProfiledCase } from "#runner/profile-step";
import { formatProfile } from "./format-profile.ts";
import { checkDataDir, collect, flag, oneOf, parseCountTo } from "./options.ts";
import { suites } from "./suites.ts";

interface ProfileFlags {
  readonly filter?: readonly string[];
  readonly scale: Scale;
  readonly engine: EngineId;
  readonly threads?: number;
  readonly profileSteps: number;
  readonly dataDir?: string;
  readonly json?: boolean;
}

const MOST_STEPS = 1000;
const MOST_THREADS = 4096;
const NAMED = 8;

export function addProfile(program: Command): void {
  const command = program
    .command("profile")
    .description("where a training step of a case spends its time: by part, module of the model and kernel")
    .argument("<case>", "id of a training case (`list cases`), or a suite of which --filter leaves one case")
    .addOption(
      flag("--filter <axis=value>", "of a suite: only cases with this value; repeat for more").argParser(collect),
    )
    .addOption(flag("--scale <scale>", "scale of the case").argParser(oneOf("scale", SCALES)).default("smoke"))
    .addOption(flag("--engine <engine>", "engine of the case").argParser(oneOf("engine", ENGINE_IDS)).default("wasm"))
    .addOption(flag("--threads <n>", "threads of engines wasm and tensorflow").argParser(parseCountTo(MOST_THREADS)))
    .addOption(
      flag("--profile-steps <n>", "profiled steps; as many are taken without a profile, in turn")
        .argParser(parseCountTo(MOST_STEPS))
        .default(10),
    )
    .addOption(flag("--data-dir <dir>", "folder with data sets"))
    .addOption(flag("--json", "as JSON, every row"))
    .addHelpText(
      "after",
      "\nExamples:\n  lightnet-bench profile train-step --filter task=autoregressive-lm --filter contender=lightnet-causal" +
        "\n  lightnet-bench profile image-classification --filter contender=lightnet --engine tensorflow --threads 1",
    );
  command.action(async (name: string) => {
    const flags = command.opts<ProfileFlags>();
    checkDataDir(flags);
    if (flags.engine === "webgpu")
      throw new UsageError(
        "engine webgpu queues its kernels, so that the time of a call is not that of the kernel; profile on cpu, wasm or tensorflow.",
      );
    const item = theCase(name, flags);
    if (flags.threads !== undefined) process.env["TF_NUM_INTRAOP_THREADS"] = String(flags.threads); // TensorFlow reads it
    const { profileStep } = await import("#runner/profile-step");
    const { dataDir, threads, profileSteps: steps } = flags;
    const profiled = await profileStep(item, { steps, ...defined({ dataDir, threads }) });
    const named = { suite: item.suite, ...axesOf(item) };
    console.log(
      flags.json === true ? JSON.stringify({ ...profiled, case: named }, undefined, 2) : formatProfile(profiled, named),
    );
  });
}

/** @throws {UsageError} none, several, or one that takes no training step */
function theCase(name: string, { dataDir, scale, engine, filter }: ProfileFlags): ProfiledCase {
  const isSuite = suites.has(name);
  const chosen = isSuite ? [suites.get(name)] : suites.all();
  const found = expand(chosen, { scale, engine, filter: filter ?? [], found: findDatasets(dataDir) })
    .flatMap(({ cases }) => cases)
    .filter((item) => isSuite || caseId(item).startsWith(name));
  if (found.length === 0)
    throw new UsageError(
      `no suite is called "${name}", and no case of engine ${engine} at scale ${scale} has an id that begins so; \`list cases --scale ${scale} --engine ${engine}\` has them.`,
    );
  const steps = found.filter(takesSteps);
  if (steps.length === 0) throw new UsageError(`${name}: no case here takes a training step.`);
  if (steps.length > 1)
    throw new UsageError(
      `${counted(steps.length, "case")} fit; choose one by its id or by --filter: ${steps.slice(0, NAMED).map(describe).join(" · ")}${steps.length > NAMED ? " · …" : ""}`,
    );
  return steps[0]!;
}

function takesSteps(item: Case): item is ProfiledCase {
  return item.kind === "training" || item.kind === "train-step";
}

function describe(item: ProfiledCase): string {
  const axes = axesOf(item);
  const shown = ["task", "variant", "dataset", "seed"].filter((axis) => axes[axis] !== undefined);
  return `${caseId(item)} ${[item.contender, ...shown.map((axis) => `${axis}=${String(axes[axis])}`)].join(" ")}`;
}
