// The command line: every command in its own file, loaded when it is called, so that --help loads nothing.

import { Command, CommanderError } from "commander";
import { EXIT, HarnessError, describeError, describeExitCodes } from "#base/errors";
import { packageManifest } from "#host/package";
import { addBaseline } from "./baseline.ts";
import { addCompare } from "./compare.ts";
import { addContender } from "./contender.ts";
import { addData } from "./data.ts";
import { addNegations, applyDefaults } from "./defaults.ts";
import { addDoctor } from "./doctor.ts";
import { addHistory } from "./history.ts";
import { addList } from "./list.ts";
import { addMerge } from "./merge.ts";
import { addPaper } from "./paper.ts";
import { guardOutput } from "./printing.ts";
import { addProfile } from "./profile.ts";
import { addPublish } from "./publish.ts";
import { addReport } from "./report.ts";
import { addReproduce } from "./reproduce.ts";
import { addRun } from "./run.ts";
import { addRuns, addShow } from "./runs.ts";
import { addServe, addWeb } from "./serve.ts";
import { endOnSignals } from "./signals.ts";
import { addTables } from "./tables.ts";
import { addVerify } from "./verify.ts";

/** Adds one command to the program. */
export type AddCommand = (program: Command) => void;

/** In the order of `--help`. */
const COMMANDS: Readonly<Record<string, readonly AddCommand[]>> = {
  Measure: [addReproduce, addRun, addProfile, addContender, addServe, addWeb],
  "Look at runs": [addRuns, addShow, addReport, addTables, addCompare, addBaseline, addHistory],
  "Keep and join": [addMerge, addPublish, addPaper],
  "This machine": [addDoctor, addVerify, addList, addData],
};

const HELP = `
Examples:
  lightnet-bench doctor                                what can be measured here
  lightnet-bench reproduce                             every suite at scale smoke, and its report
  lightnet-bench run scan-count --name before          one suite, kept as "before"
  lightnet-bench compare before after                  is it faster?

Every flag has a twin in the environment, LIGHTNET_BENCH_<FLAG> (1 or 0 for those without a value; several values of a
repeated flag by ";"), and may stand in lightnet-bench.config.json. Flags win over environment, environment over file.

Exit codes: ${describeExitCodes().replaceAll(" · ", "\n            ")}`;

/** The program as a person starts it. */
export async function start(args: readonly string[]): Promise<void> {
  guardOutput();
  endOnSignals("interrupted before the work began; nothing was written");
  await main(args);
}

/** Parses the arguments, runs the command and sets the exit code of the process. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync([...args], { from: "user" });
  } catch (error) {
    process.exitCode = reportError(error);
  }
}

export function buildProgram(): Command {
  const program = new Command("lightnet-bench")
    .description(packageManifest().description)
    .version(packageManifest().version)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => console.log(text.trimEnd()),
      writeErr: (text) => console.error(text.trimEnd()),
    });
  for (const [group, commands] of Object.entries(COMMANDS)) {
    program.commandsGroup(`${group}:`);
    for (const add of commands) add(program);
  }
  program.addHelpText("after", HELP);
  for (const command of commandsBelow(program)) {
    command.exitOverride();
    addNegations(command);
  }
  program.hook("preAction", (_program, command) => applyDefaults(command));
  return program;
}

function commandsBelow({ commands }: Command): Command[] {
  return commands.flatMap((command) => [command, ...commandsBelow(command)]);
}

/** Prints what went wrong and returns the exit code. A bug keeps its trace, a person's slip does not. */
function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // commander has printed it
  if (error instanceof HarnessError || isSystemError(error)) console.error(describeError(error));
  else console.error(error);
  return error instanceof HarnessError ? error.exitCode : EXIT.environment;
}

/** An error of the operating system, such as EACCES, told by Node. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "errno" in error && "syscall" in error;
}
