// The flags that `run` and `reproduce` share, and what they mean.

import { join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { StoreError, UsageError } from "#base/errors";
import type { Shard } from "#runner/plan";
import { CONTENDER_BUDGETS, type RunOptions } from "#runner/options";
import { slurmSettingsSchema } from "#runner/executors/slurm/settings";
import { jobsFor, memoryForChildren } from "#runner/slots";
import { loadManifest } from "#store/load";
import { RUNS_FOLDER, findRun, runPaths } from "#store/layout";
import { SCALES } from "#case/case";
import { quoted } from "./quoted.ts";
import { collect, checkDataDir, flag, oneOf, parseCountTo, parseDuration, parseSize, type Flag } from "./options.ts";

const text = z.string().min(1);
const seconds = z.number().positive();
const MOST_SEEDS = 1000;
const MOST_STEPS = 1e8;
const MOST_JOBS = 256;
const AUTO = "auto";
const MOST_SHARDS = 1_000_000;
const MOST_THREADS = 4096;

/** What a run is: kept in its manifest, and gone on with by --resume. */
const keptFlagsSchema = z.strictObject({
  scale: z.enum(SCALES),
  engine: text,
  gpuAdapter: text.optional(),
  dataDir: text.optional(),
  inceptionWeights: text.optional(),
  seeds: z.int().min(1).max(MOST_SEEDS).optional(),
  filter: z.array(text).optional(),
  contender: z.array(text).optional(),
  threads: z.int().min(1).max(MOST_THREADS).optional(),
  suite: z.array(text).optional(),
  dataset: text.optional(),
  contenderBudget: seconds.optional(),
  trainBudget: seconds.optional(),
  trainSteps: z.int().min(1).max(MOST_STEPS).optional(),
  memoryLimit: z.int().positive().optional(),
  executor: text,
  ...slurmSettingsSchema.shape,
  name: text.optional(),
  note: text.optional(),
});

/** Manifests of older runs lack some. */
const someFlagsSchema = keptFlagsSchema.partial();

/** How to work now. */
const flagsSchema = z.object({
  ...keptFlagsSchema.shape,
  out: text.optional(),
  resume: z.union([text, z.literal(true)]).optional(),
  addScale: z.boolean().optional(),
  retryFailed: z.boolean().optional(),
  runBudget: seconds.optional(),
  checkpointEvery: seconds.optional(),
  jobs: z.union([z.int().min(1).max(MOST_JOBS), z.literal(AUTO)]),
  dryRun: z.boolean().optional(),
  shard: z.strictObject({ index: z.int().min(1), of: z.int().min(1).max(MOST_SHARDS) }).optional(),
  quiet: z.boolean().optional(),
  verbose: z.boolean().optional(),
});
export type RunFlags = z.infer<typeof flagsSchema>;

/** Flags under the names of older manifests. */
const OLD_NAMES: Readonly<Record<string, string>> = { cellBudget: "contenderBudget" };

export function addRunFlags(command: Command): Command {
  for (const [group, options] of Object.entries(groupsOfFlags()))
    for (const option of options) command.addOption(option.helpGroup(`${group}:`));
  return command;
}

/** In the order of `--help`. */
function groupsOfFlags(): Record<string, Flag[]> {
  return {
    "What to run": [
      flag("--scale <scale>", "how large: smoke (minutes), small (hours), paper (GPUs)")
        .argParser(oneOf("scale", SCALES))
        .default("smoke"),
      flag("--filter <axis=value>", "only cases with this value; repeat for more axes or values").argParser(collect),
      flag(
        "--contender <path>",
        "a contender from outside: a folder with its manifest, or a file of code; repeat for more (docs/library.md)",
      ).argParser(collect),
      flag("--suite <file>", "a suite of your own: a file of code that exports it; repeat for more").argParser(collect),
      flag("--seeds <n>", "seeds of each training case").argParser(parseCountTo(MOST_SEEDS)),
      flag("--train-steps <n>", "at most so many steps of each training case, warm-up in proportion").argParser(
        parseCountTo(MOST_STEPS),
      ),
      flag("--shard <i/n>", "the i-th of n parts of the plan, whole matchups; `merge` joins them").argParser(
        parseShard,
      ),
      flag("--dry-run", "print what would run, how long and how much disk per suite, and stop"),
    ],
    "With what": [
      flag("--engine <engine>", "auto, or the name of an engine").default("auto"),
      flag("--gpu-adapter <name>", "part of the name of the GPU adapter to use"),
      flag("--dataset <id>", "train on this data set (`lightnet-bench data list`) in the place of the declared ones"),
      flag("--data-dir <dir>", "folder with data sets; without it the procedural ones are used"),
      flag("--inception-weights <file>", "Inception-v3 in safetensors, to judge generated images too (REPRODUCING.md)"),
      flag(
        "--threads <n>",
        "threads of each contender, programs held to as many cores (default: those of our engine)",
      ).argParser(parseCountTo(MOST_THREADS)),
      flag("--executor <name>", "where processes run: local or slurm").default("local"),
      flag("--jobs <n>", "trainings and checks side by side: a number, or auto; what is timed runs alone")
        .argParser((count) => (count === AUTO ? count : parseCountTo(MOST_JOBS)(count)))
        .default(1),
      flag("--memory-limit <size>", "memory of a process, such as 4G").argParser(parseSize),
    ],
    "On Slurm (docs/cluster.md)": [
      flag("--slurm-partition <names>", "partition, or several by commas"),
      flag("--slurm-account <name>", "account that is charged"),
      flag("--slurm-gres <gres>", "resources of a task, such as gpu:1"),
      flag("--slurm-time <time>", "limit of a task, such as 4h (default: from the expected time)").argParser(
        parseDuration,
      ),
      flag("--slurm-memory <size>", "memory of a task, as Slurm writes it, such as 16G"),
      flag("--slurm-constraint <features>", "features of nodes: one kind of node keeps times comparable"),
      flag("--slurm-flag <flag>", "any other option of sbatch, such as --qos=long; repeat for more").argParser(collect),
      flag("--slurm-task <time>", "work that is packed into one task (default 10m)").argParser(parseDuration),
      flag("--slurm-poll <time>", "how often Slurm is asked at first (default 40s)").argParser(parseDuration),
    ],
    "How long": [
      flag("--contender-budget <time>", "measuring time of a contender at a point, such as 30s").argParser(
        parseDuration,
      ),
      flag("--cell-budget <time>", "").argParser(parseDuration).insteadOf("contenderBudget"),
      flag("--run-budget <time>", "after this time of measuring, such as 10m, nothing new is started").argParser(
        parseDuration,
      ),
      flag("--train-budget <time>", "training time of a case, such as 24h").argParser(parseDuration),
      flag("--checkpoint-every <time>", "how often training writes a checkpoint (default 60s)").argParser(
        parseDuration,
      ),
    ],
    "Which run": [
      flag("--name <name>", "name of the new run, and of its folder under results/runs").argParser(parseName),
      flag("--note <text>", "a sentence to remember the run by; `runs` shows it"),
      flag("--out <dir>", "the run folder itself (default: a new one under results/runs)"),
      flag("--resume [run]", "go on with a run: its folder, its name or how that begins; the newest by default"),
      flag("--retry-failed", "with --resume: run failed, oom and timeout cases again, and what was skipped for them"),
      flag("--add-scale", "with --resume: add cases of another scale to the run"),
    ],
    Output: [flag("--quiet", "no progress"), flag("--verbose", "a line for everything")],
  };
}

function parseShard(text: string): Shard {
  const [, index, of] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (index !== undefined && of !== undefined && index >= 1 && index <= of && of <= MOST_SHARDS) return { index, of };
  throw new UsageError(`a part is i/n with 1 ≤ i ≤ n ≤ ${MOST_SHARDS}, such as 2/8; got "${text}".`);
}

function parseName(name: string): string {
  if (/^[A-Za-z0-9][\w.-]{0,79}$/.test(name)) return name;
  throw new UsageError(
    `a name has up to 80 letters, digits, "-", "_" or ".", and begins with a letter or digit; got "${name}".`,
  );
}

/** Flags by their names in code, the others at their defaults. @throws {UsageError} a value out of its bounds */
export function flagsFrom(given: Partial<RunFlags>): RunFlags {
  const defaults = { scale: "smoke", engine: "auto", executor: "local", jobs: 1 } as const;
  const { data, error } = flagsSchema.safeParse({ ...defaults, ...given });
  if (data === undefined) throw new UsageError(`${error.issues[0]!.path.join(".")}: ${error.issues[0]!.message}`);
  checkDataDir(data);
  return data;
}

/** What the manifest keeps of the flags. */
export function keptFlags(flags: RunFlags): Record<string, string | number | string[]> {
  const kept = Object.entries(flags).filter(([name, value]) => name in keptFlagsSchema.shape && value !== undefined);
  return Object.fromEntries(kept) as Record<string, string>;
}

/** The flags that a run was begun with. @throws {StoreError} the command line would not take them */
export function flagsOfRun(folder: string): z.infer<typeof someFlagsSchema> {
  const { flags } = loadManifest(folder);
  const named = Object.fromEntries(Object.entries(flags).map(([name, value]) => [OLD_NAMES[name] ?? name, value]));
  const { data, error } = someFlagsSchema.safeParse(named);
  if (data !== undefined) return data;
  const { path, message } = error.issues[0]!;
  const what = path.length === 0 ? message : `flag ${path.join(".")}: ${message}`;
  throw new StoreError(runPaths(folder).manifest, `${what}. Mend it, or start a new run.`);
}

/** The flags that name code from outside, programs and files, as they are typed: they are given again to go on. */
export function codeFlags({ suite = [], contender = [] }: Pick<RunFlags, "suite" | "contender">): string {
  const typed = (name: string, paths: readonly string[]) => paths.map((path) => ` --${name} ${quoted(path)}`);
  return [...typed("suite", suite), ...typed("contender", contender)].join("");
}

/** A resumed run goes on with the flags it began with, unless they are given anew. */
function inheritFlags(command: Command): void {
  const { resume, out, scale, addScale } = command.opts<RunFlags>();
  if (resume === undefined) return;
  const begun = flagsOfRun(findRun(resume === true ? out : resume));
  const isGiven = (name: string) => ["cli", "env"].includes(command.getOptionValueSource(name) ?? "");
  if (isGiven("scale") && begun.scale !== undefined && scale !== begun.scale && addScale !== true)
    throw new UsageError(
      `this run is of scale ${begun.scale}. Add --add-scale to measure cases of scale ${scale} into it as well, or start a new run.`,
    );
  const unasked = codeFlags({
    suite: isGiven("suite") ? undefined : begun.suite,
    contender: isGiven("contender") ? undefined : begun.contender,
  });
  if (unasked !== "")
    throw new UsageError(
      `this run was begun with contenders or suites from outside, which a manifest alone does not start. If you trust them, give them again: --resume …${unasked}`,
    );
  const { shard } = loadManifest(findRun(resume === true ? out : resume));
  for (const [name, value] of Object.entries({ ...begun, ...(shard === undefined ? {} : { shard }) }))
    if (!isGiven(name)) command.setOptionValueWithSource(name, value, "config");
}

/** The flags of a command after environment, config file and a resumed run's own were taken into account. */
export function readRunFlags(command: Command): RunFlags {
  inheritFlags(command);
  const flags = flagsSchema.parse(command.opts());
  checkDataDir(flags);
  if (flags.resume === undefined && flags.retryFailed === true)
    throw new UsageError("--retry-failed goes with --resume.");
  if (flags.resume === undefined && flags.addScale === true) throw new UsageError("--add-scale goes with --resume.");
  if (flags.out !== undefined && typeof flags.resume === "string")
    throw new UsageError("--out and --resume <run> both name a folder; give one of them.");
  return flags;
}

/** Options of the runner. */
export function runOptions(
  flags: RunFlags,
  { engine, folder, modules }: Pick<RunOptions, "engine" | "folder" | "modules">,
): RunOptions {
  const { checkpoints, samples } = runPaths(folder);
  const memoryShare = memoryForChildren();
  return {
    engine,
    gpuAdapter: flags.gpuAdapter,
    folder,
    modules,
    contenderBudget: flags.contenderBudget ?? CONTENDER_BUDGETS[flags.scale],
    runBudget: flags.runBudget,
    jobs: flags.jobs === AUTO ? jobsFor({ engine, gpuAdapter: flags.gpuAdapter }, flags.threads) : flags.jobs,
    memoryLimit: flags.memoryLimit ?? memoryShare,
    memoryShare,
    memoryPerChild: flags.memoryLimit,
    threads: flags.threads,
    slurm: flags,
    training: {
      dataDir: flags.dataDir,
      inceptionWeights: flags.inceptionWeights,
      checkpointFolder: checkpoints,
      samplesFolder: samples,
      trainBudgetSeconds: flags.trainBudget,
      checkpointEverySeconds: flags.checkpointEvery,
    },
  };
}

/** The folder that the flags name; undefined where the run names its own. */
export function namedFolder({ resume, out, name }: RunFlags): string | undefined {
  if (resume !== undefined) return findRun(resume === true ? out : resume);
  return out ?? (name === undefined ? undefined : join(RUNS_FOLDER, name));
}
