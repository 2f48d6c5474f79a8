// The flags that `run` and `reproduce` share, and what they mean.

import { totalmem } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { systemClock } from "#base/clock";
import { UsageError } from "#base/errors";
import type { Bytes, Seconds } from "#base/units";
import type { RunOptions } from "#runner/options";
import { CELL_BUDGET_SECONDS } from "#runner/sampling";
import { loadManifest } from "#store/load";
import { RUNS_FOLDER, findRun, newRunName } from "#store/layout";
import { SCALES, type Scale } from "#case/case";
import {
  applyConfigFile,
  collect,
  checkDataDir,
  flag,
  oneOf,
  parseCount,
  parseDuration,
  parseSize,
} from "./options.ts";

/** Values as commander hands them over. */
export interface RunFlags {
  readonly scale: Scale;
  readonly engine: string;
  readonly gpuAdapter?: string;
  readonly dataDir?: string;
  readonly inceptionWeights?: string;
  readonly seeds?: number;
  readonly filter?: readonly string[];
  readonly out?: string;
  readonly resume?: string | true;
  readonly retryFailed?: boolean;
  readonly cellBudget?: Seconds;
  readonly runBudget?: Seconds;
  readonly trainBudget?: Seconds;
  readonly trainSteps?: number;
  readonly checkpointEvery?: Seconds;
  readonly memoryLimit?: Bytes;
  readonly jobs: number;
  readonly dryRun?: boolean;
  readonly executor: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** Leaves room for the system and for the parent. */
const MEMORY_SHARE = 0.8;

export function addRunFlags(command: Command): Command {
  return command
    .addOption(
      flag("--scale <scale>", "how large: smoke (minutes), small (hours), paper (GPUs)")
        .argParser(oneOf("scale", SCALES))
        .default("smoke"),
    )
    .addOption(flag("--engine <engine>", "auto, or the name of an engine").default("auto"))
    .addOption(flag("--gpu-adapter <name>", "part of the name of the GPU adapter to use"))
    .addOption(flag("--data-dir <dir>", "folder with data sets; without it the procedural ones are used"))
    .addOption(
      flag(
        "--inception-weights <file>",
        "Inception-v3 in safetensors: generated images are judged by its features as well (REPRODUCING.md)",
      ),
    )
    .addOption(flag("--seeds <n>", "seeds of each training case").argParser(parseCount))
    .addOption(
      flag("--filter <axis=value>", "only cases with this value; repeat for more axes or values").argParser(collect),
    )
    .addOption(flag("--out <dir>", "the run folder itself (default: a new one under results/runs)"))
    .addOption(flag("--resume [run]", "go on with a run: its name or folder, the newest by default"))
    .addOption(flag("--retry-failed", "with --resume: run failed, oom and timeout cases again"))
    .addOption(
      flag("--cell-budget <time>", "measuring time of a contender at a point, such as 30s").argParser(parseDuration),
    )
    .addOption(
      flag(
        "--run-budget <time>",
        "after this time, such as 10m, no new cell is started and a training stops; --resume goes on",
      ).argParser(parseDuration),
    )
    .addOption(flag("--train-budget <time>", "training time of a case, such as 24h").argParser(parseDuration))
    .addOption(
      flag("--train-steps <n>", "at most so many steps of each training case, warm-up in proportion").argParser(
        parseCount,
      ),
    )
    .addOption(
      flag("--checkpoint-every <time>", "how often training writes a checkpoint (default 60s)").argParser(
        parseDuration,
      ),
    )
    .addOption(flag("--memory-limit <size>", "memory of a child process, such as 4G").argParser(parseSize))
    .addOption(flag("--jobs <n>", "children at once; more than 1 disturbs times").argParser(parseCount).default(1))
    .addOption(flag("--dry-run", "print the cells that would run, and stop"))
    .addOption(flag("--executor <name>", "where cells run: local").default("local"))
    .addOption(flag("--quiet", "no progress"))
    .addOption(flag("--verbose", "a line for everything"));
}

/** Flags that say how to work now, not what the run is: a resumed run does not inherit them. */
const NOT_KEPT = new Set([
  "resume",
  "retryFailed",
  "out",
  "quiet",
  "verbose",
  "dryRun",
  "jobs",
  "runBudget",
  "checkpointEvery",
]);

/** What the manifest keeps of the flags. */
export function keptFlags(flags: RunFlags): Record<string, string | number | boolean | string[]> {
  return Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => !NOT_KEPT.has(name) && value !== undefined),
  ) as Record<string, string>;
}

/** A resumed run goes on with the flags it began with, unless they are given anew. */
function inheritFlags(command: Command): void {
  const { resume, out } = command.opts<RunFlags>();
  if (resume === undefined) return;
  const { flags } = loadManifest(findRun(resume === true ? out : resume));
  for (const [name, value] of Object.entries(flags)) {
    const source = command.getOptionValueSource(name);
    if (source !== "cli" && source !== "env") command.setOptionValueWithSource(name, value, "config");
  }
}

/** The flags of a command after environment, config file and a resumed run's own were taken into account. */
export function readRunFlags(command: Command): RunFlags {
  applyConfigFile(command);
  inheritFlags(command);
  const flags = command.opts<RunFlags>();
  checkDataDir(flags);
  if (flags.executor === "slurm")
    throw new UsageError(
      "--executor slurm is not implemented in this version. Run shards with --filter on each node and join them with `lightnet-bench merge`.",
    );
  oneOf("executor", ["local", "slurm"])(flags.executor);
  if (flags.retryFailed === true && flags.resume === undefined)
    throw new UsageError("--retry-failed goes with --resume.");
  if (flags.out !== undefined && typeof flags.resume === "string")
    throw new UsageError("--out and --resume <run> both name a folder; give one of them.");
  return flags;
}

/** Options of the runner. @param engine concrete engine, already chosen */
export function runOptions(flags: RunFlags, engine: string, command: string): RunOptions {
  return {
    scale: flags.scale,
    engine,
    folder: runFolder(flags),
    retryFailed: flags.retryFailed === true,
    cellBudgetSeconds: flags.cellBudget ?? CELL_BUDGET_SECONDS[flags.scale],
    jobs: flags.jobs,
    memoryLimitBytes: flags.memoryLimit ?? Math.round(MEMORY_SHARE * totalmem()),
    command,
    ...(flags.gpuAdapter === undefined ? {} : { gpuAdapter: flags.gpuAdapter }),
    ...(flags.dataDir === undefined ? {} : { dataDir: flags.dataDir }),
    ...(flags.inceptionWeights === undefined ? {} : { inceptionWeights: flags.inceptionWeights }),
    ...(flags.runBudget === undefined ? {} : { runBudgetSeconds: flags.runBudget }),
    ...(flags.trainBudget === undefined ? {} : { trainBudgetSeconds: flags.trainBudget }),
    ...(flags.checkpointEvery === undefined ? {} : { checkpointEverySeconds: flags.checkpointEvery }),
  };
}

function runFolder(flags: RunFlags): string {
  if (flags.resume !== undefined) return findRun(flags.resume === true ? flags.out : flags.resume);
  return flags.out ?? join(RUNS_FOLDER, newRunName(systemClock, flags.scale));
}
