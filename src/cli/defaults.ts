// What a command line leaves open: the environment (LIGHTNET_BENCH_<FLAG>) and the config file lightnet-bench.config.json.
// Flags win over environment, environment over file, file over defaults.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Option, type Command } from "commander";
import { z } from "zod";
import { DataError, UsageError, describeError } from "#base/errors";
import { unknownName } from "#base/registry";
import { Flag } from "./options.ts";

export const CONFIG_FILE = "lightnet-bench.config.json";

export interface Surroundings {
  readonly environment?: NodeJS.ProcessEnv;
  /** where the config file is looked for */
  readonly folder?: string;
}

/** Gives the options of a command the values of the environment and of the config file, below those of the command line. */
export function applyDefaults(
  command: Command,
  { environment = process.env, folder = process.cwd() }: Surroundings = {},
): void {
  const flags = command.options.filter((option) => option instanceof Flag);
  const config = readConfig(join(folder, CONFIG_FILE), command, flags);
  for (const option of flags) {
    if (command.getOptionValueSource(option.attributeName()) === "cli") continue;
    const text = environment[option.twin];
    const inFile = config.get(option.name());
    if (text !== undefined && (text !== "" || option.isBoolean())) set(command, option, "env", textsOf(option, text));
    else if (inFile !== undefined) set(command, option, "config", inFile);
  }
}

/** Every boolean flag has its negation: `--no-json` wins over an environment that says otherwise. */
export function addNegations(command: Command): void {
  for (const option of command.options.filter((known) => known instanceof Flag && known.isBoolean()))
    command.addOption(new Option(`--no-${option.name()}`).hideHelp());
}

/** A repeated flag takes several texts, by semicolons or lines. */
function textsOf(option: Flag, text: string): string[] {
  if (!option.repeats) return [text];
  return text
    .split(/[;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

type Source = "env" | "config";

function set(command: Command, option: Flag, source: Source, values: readonly (string | boolean)[]): void {
  const parse = (previous: unknown, value: string | boolean): unknown => {
    if (option.isBoolean())
      return toBoolean(value, source === "env" ? option.twin : `${option.name()} in ${CONFIG_FILE}`);
    if (value === true && option.optional) return true; // --resume without a run
    return option.parseArg!(String(value), previous as never);
  };
  command.setOptionValueWithSource(option.attributeName(), values.reduce<unknown>(parse, undefined), source);
}

const ON = ["true", "1", "yes", "on"];
const OFF = ["false", "0", "no", "off", ""];

function toBoolean(value: string | boolean, where: string): boolean {
  const text = String(value).toLowerCase();
  if (ON.includes(text)) return true;
  if (OFF.includes(text)) return false;
  throw new UsageError(`${where}: ${ON.join(", ")} switch it on, ${OFF.join(", ")}(empty) off; got "${value}".`);
}

const scalar = z.union([z.string(), z.number()]);
const configSchema = z.record(z.string(), z.union([scalar, z.boolean(), z.array(scalar)]));

/** The values of the file by option. @throws {DataError} no such JSON @throws {UnknownNameError} an option that no command has */
function readConfig(path: string, command: Command, flags: readonly Flag[]): Map<string, (string | boolean)[]> {
  if (!existsSync(path)) return new Map();
  const values = new Map<string, (string | boolean)[]>();
  for (const [name, value] of Object.entries(parseConfig(path))) {
    if (!flags.some((option) => option.name() === name) && !isKnown(rootOf(command), name))
      throw unknownName(
        `option in ${CONFIG_FILE}`,
        name,
        flags.map((option) => option.name()),
      );
    const list = Array.isArray(value) ? value : [value];
    values.set(
      name,
      list.map((item) => (typeof item === "number" ? String(item) : item)),
    );
  }
  return values;
}

function parseConfig(path: string): z.infer<typeof configSchema> {
  try {
    return configSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    const reason = `is not a JSON object of flags and values (${describeError(error)})`;
    throw new DataError(path, reason, {}, { cause: error });
  }
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

function isKnown(command: Command, name: string): boolean {
  return (
    command.options.some((option) => option.name() === name) || command.commands.some((other) => isKnown(other, name))
  );
}
