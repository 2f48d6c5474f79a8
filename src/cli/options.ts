// Flags, their environment twins (LIGHTNET_BENCH_<FLAG>) and the config file lightnet-bench.config.json.
// Flags win over environment, environment over file, file over defaults.

import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Option, type Command } from "commander";
import { z } from "zod";
import { DataError, UsageError, describeError } from "#base/errors";
import { unknownName } from "#base/registry";
import type { Bytes, Seconds } from "#base/units";

export const CONFIG_FILE = "lightnet-bench.config.json";

/** A value that is refused is refused under the option's name. */
class NamedOption extends Option {
  override argParser<T>(parse: (value: string, previous: T) => T): this {
    return super.argParser((value: string, previous: T) => {
      try {
        return parse(value, previous);
      } catch (error) {
        throw error instanceof UsageError
          ? new UsageError(`--${this.name()} or ${this.envVar!}: ${error.message}`)
          : error;
      }
    });
  }
}

/** An option with its environment twin. */
export function flag(flags: string, description: string): Option {
  const option = new NamedOption(flags, description);
  return option.env(`LIGHTNET_BENCH_${option.name().replace(/^no-/, "").replaceAll("-", "_").toUpperCase()}`);
}

/** Gives the command's options the values of the config file in the current folder, below environment and flags. */
export function applyConfigFile(command: Command, folder = process.cwd()): void {
  const path = join(folder, CONFIG_FILE);
  if (!existsSync(path)) return;
  const config = readConfig(path);
  const known = new Map(command.options.map((option) => [option.name(), option]));
  for (const [name, value] of Object.entries(config)) {
    const option = known.get(name);
    if (option === undefined) {
      if (isOptionOfAnother(command, name)) continue;
      throw unknownName(`option in ${CONFIG_FILE}`, name, [...known.keys()]);
    }
    const source = command.getOptionValueSource(option.attributeName());
    if (source === "cli" || source === "env") continue;
    const parse = (text: string, previous: unknown): unknown =>
      option.parseArg === undefined ? text : option.parseArg(text, previous as never);
    const values = Array.isArray(value) ? value : [value];
    const parsed = values.reduce<unknown>(
      (previous, item) => (typeof item === "boolean" ? item : parse(String(item), previous)),
      undefined,
    );
    command.setOptionValueWithSource(option.attributeName(), parsed, "config");
  }
}

function readConfig(path: string): Record<string, string | number | boolean | (string | number)[]> {
  const scalar = z.union([z.string(), z.number()]);
  try {
    return z
      .record(z.string(), z.union([scalar, z.boolean(), z.array(scalar)]))
      .parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    throw new DataError(
      path,
      `is not a JSON object of flags and values (${describeError(error)})`,
      {},
      { cause: error },
    );
  }
}

function isOptionOfAnother(command: Command, name: string): boolean {
  let program = command;
  while (program.parent !== null) program = program.parent;
  return hasOption(program, name);
}

function hasOption({ options, commands }: Command, name: string): boolean {
  return options.some((option) => option.name() === name) || commands.some((command) => hasOption(command, name));
}

const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)$/;
const DURATION_UNITS: Readonly<Record<string, Seconds>> = { ms: 1e-3, s: 1, m: 60, min: 60, h: 3600 };

/** `30s`, `10m`, `1.5h`, `200ms` → seconds. */
export function parseDuration(text: string): Seconds {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  const seconds = Number(amount) * (DURATION_UNITS[unit ?? ""] ?? Number.NaN);
  if (!(seconds > 0)) throw new UsageError(`a duration is a number with a unit (200ms, 30s, 10m, 24h), got "${text}".`);
  return seconds;
}

const SIZE = /^(\d+(?:\.\d+)?)\s*(K|M|G|T)i?B?$/i;
const SIZE_UNITS: Readonly<Record<string, Bytes>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `4G`, `512MiB` → bytes. */
export function parseSize(text: string): Bytes {
  const [, amount, unit] = SIZE.exec(text) ?? [];
  const bytes = Number(amount) * (SIZE_UNITS[(unit ?? "").toUpperCase()] ?? Number.NaN);
  if (!(bytes > 0)) throw new UsageError(`a size is a number with a unit (512M, 4G), got "${text}".`);
  return Math.round(bytes);
}

export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`a whole number of at least 1 is expected, got "${text}".`);
  return value;
}

/** @throws {UsageError} no such folder: without this a typing error would quietly mean generated data */
export function checkDataDir({ dataDir }: { readonly dataDir?: string }): void {
  if (dataDir === undefined) return;
  if (!existsSync(dataDir))
    throw new UsageError(
      `--data-dir: there is no folder ${dataDir}. \`lightnet-bench data list\` says what belongs into it.`,
    );
  if (!statSync(dataDir).isDirectory())
    throw new UsageError(`--data-dir: ${dataDir} is a file, and a folder is needed.`);
}

/** Gathers a repeated option. */
export function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

/** A value out of a list, or the error that names the nearest. */
export function oneOf<const Values extends readonly string[]>(
  kind: string,
  values: Values,
): (text: string) => Values[number] {
  return (text) => {
    if (!values.includes(text)) throw unknownName(kind, text, values);
    return text;
  };
}
