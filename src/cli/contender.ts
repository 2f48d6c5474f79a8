// `contender new | setup | check | schema`: contenders from outside, from a skeleton to a program that is checked.

import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Command } from "commander";
import { EXIT, EnvironmentError, UsageError, messageOf } from "#base/errors";
import { packageRoot } from "#host/package";
import { flag, oneOf, parseCountTo } from "./options.ts";
import { quoted } from "./quoted.ts";

const LANGUAGES = ["python", "c", "node"] as const;
const DEVICES = ["cpu", "cuda"] as const;
const MOST_THREADS = 4096;

const EXAMPLES = `
Examples:
  lightnet-bench contender new --language python ../mine    a program that works: replace what it computes
  lightnet-bench contender check ../mine                    against the definition, form by form
  lightnet-bench run kernel-forward --contender ../mine     beside our own kernels

docs/contenders.md tells the rest.`;

export function addContender(program: Command): void {
  const contender = program
    .command("contender")
    .description("contenders from outside: a program in any language, told by a manifest")
    .addHelpText("after", EXAMPLES);
  addNew(contender);
  addSetup(contender);
  addCheck(contender);
  contender
    .command("schema")
    .description("the JSON Schema of a manifest, for editors")
    .action(async () => {
      const { manifestJsonSchema } = await import("#programs/manifest");
      console.log(JSON.stringify(manifestJsonSchema(), undefined, 2));
    });
}

function addNew(contender: Command): void {
  const command = contender
    .command("new")
    .description("write a contender that works: order-free linear attention in plain loops")
    .argument("<folder>", "a new folder; its name becomes the contender's")
    .addOption(
      flag("--language <language>", LANGUAGES.join(", ")).argParser(oneOf("language", LANGUAGES)).default("python"),
    );
  command.action((folder: string) => {
    const { language } = command.opts<{ language: (typeof LANGUAGES)[number] }>();
    const target = resolve(folder);
    if (existsSync(target) && readdirSync(target).length > 0)
      throw new UsageError(`${folder} is there already and not empty. Name a new folder.`);
    const name = nameFrom(basename(target));
    cpSync(join(packageRoot(), "contenders", "skeletons", language), target, {
      recursive: true,
      filter: (path) => !path.endsWith("__pycache__"),
    });
    for (const file of readdirSync(target)) {
      const path = join(target, file);
      writeFileSync(path, readFileSync(path, "utf8").replaceAll(`my-${language}-kernel`, name));
    }
    const setup = language === "c" ? `lightnet-bench contender setup ${quoted(folder)}\n  ` : "";
    console.log(
      `${folder} holds the contender ${name}. Next:\n  ${setup}lightnet-bench contender check ${quoted(folder)}\n  lightnet-bench run kernel-forward --filter contender=linear-global --contender ${quoted(folder)}`,
    );
  });
}

/** Small letters, digits and hyphens. */
function nameFrom(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 64);
  if (name !== "") return name;
  throw new UsageError(`the folder's name becomes the contender's, and "${text}" has no letter or digit.`);
}

function addSetup(contender: Command): void {
  contender
    .command("setup")
    .description("make what a contender needs, by the commands of its manifest, in the user's cache")
    .argument("<path>", "its manifest, or the folder with it")
    .action(async (path: string) => {
      const { readProgram } = await import("#programs/manifest");
      const { cacheFolder, commandOf } = await import("#programs/session");
      const { execa } = await import("execa");
      const program = readProgram(path);
      const { name, setup, setupNote } = program.manifest;
      if (setup.length === 0) return console.log(`${name} needs no set-up.`);
      if (setupNote !== undefined) console.error(`${name} needs ${setupNote}`);
      for (const given of setup) {
        const [file, ...args] = commandOf(program, given, { threads: 1, device: "cpu" });
        console.error(`$ ${[file, ...args].map((part) => quoted(part!)).join(" ")}`);
        try {
          await execa(file!, args, { cwd: program.folder, stdio: ["ignore", 2, 2] });
        } catch (error) {
          throw new EnvironmentError(`${name} is not set up: ${messageOf(error).split("\n")[0]}`);
        }
      }
      console.log(`${name} is set up in ${cacheFolder(program)}`);
    });
}

interface CheckFlags {
  readonly rows?: boolean;
  readonly threads: number;
  readonly device: (typeof DEVICES)[number];
}

function addCheck(contender: Command): void {
  const command = contender
    .command("check")
    .description(
      "compare each form that a contender claims with the definition in float64, on small inputs, and each training step with ours",
    )
    .argument("<path>", "its manifest, or the folder with it")
    .addOption(flag("--rows", "each output and gradient: its error, and where it is worst"))
    .addOption(flag("--threads <n>", "threads that it may use").argParser(parseCountTo(MOST_THREADS)).default(1))
    .addOption(flag("--device <device>", DEVICES.join(", ")).argParser(oneOf("device", DEVICES)).default("cpu"));
  command.action(async (path: string) => {
    const { rows = false, threads, device } = command.opts<CheckFlags>();
    const { readProgram } = await import("#programs/manifest");
    const { checkProgram } = await import("#programs/check");
    const { linesOfCheck, summaryOf } = await import("./contender-lines.ts");
    const { EngineForSteps } = await import("./engine-for-steps.ts");
    const program = readProgram(path);
    const checks = [];
    const engine = new EngineForSteps();
    try {
      for await (const check of checkProgram(program, { threads, device, seed: 0, steps: engine.steps })) {
        checks.push(check);
        for (const line of linesOfCheck(check, rows)) console.log(line);
      }
    } finally {
      await engine.stop();
    }
    console.log(summaryOf(program.manifest.name, checks));
    process.exitCode = checks.length > 0 && checks.every(({ ok }) => ok) ? EXIT.ok : EXIT.regression;
  });
}
