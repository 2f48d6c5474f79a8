// Flags and how their texts are read. What the environment and the config file say is applied in defaults.ts.

import { existsSync, statSync } from "node:fs";
import { Option } from "commander";
import { UsageError } from "#base/errors";
import { unknownName } from "#base/registry";
import type { Bytes, Seconds } from "#base/units";

type Parse<T> = (value: string, previous: T) => T;

/** An option with a twin in the environment; a value that is refused is refused under both names. */
export class Flag extends Option {
  /** an older name of another flag gives its value to that one */
  #attribute: string | undefined;
  repeats = false;

  /** the variable of the environment: LIGHTNET_BENCH_<FLAG> */
  get twin(): string {
    return `LIGHTNET_BENCH_${this.name().replaceAll("-", "_").toUpperCase()}`;
  }

  override attributeName(): string {
    return this.#attribute ?? super.attributeName();
  }

  override argParser<T>(parse: Parse<T>): this {
    this.repeats = (parse as unknown) === collect;
    return super.argParser((value: string, previous: T) => {
      try {
        if (value === "") throw new UsageError("a value is needed, got an empty text.");
        return parse(value, previous);
      } catch (error) {
        throw error instanceof UsageError
          ? new UsageError(`--${this.name()} or ${this.twin}: ${error.message}`)
          : error;
      }
    });
  }

  /** Makes this an older, hidden name of another flag. */
  insteadOf(attribute: string): this {
    this.#attribute = attribute;
    return this.hideHelp();
  }
}

/** A flag that takes no value, or one that takes a text until it is given a parser. */
export function flag(flags: string, description: string): Flag {
  const made = new Flag(flags, description);
  return made.isBoolean() ? made : made.argParser((text) => text);
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

/** A whole number from 1 to `most`. */
export function parseCountTo(most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= 1 && value <= most))
      throw new UsageError(`a whole number from 1 to ${most} is expected, got "${text}".`);
    return value;
  };
}

/** @throws {UsageError} no such folder: without this a typing error would quietly mean generated data */
export function checkDataDir({ dataDir }: { readonly dataDir?: string | undefined }): void {
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
