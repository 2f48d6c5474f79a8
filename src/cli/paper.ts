// `paper import <csv>`: published values supplied by someone who has the paper. They are checked, marked as
// user-supplied in every table, and kept beside the results, never among the published data.

import type { Command } from "commander";
import { DataError, UsageError } from "#base/errors";
import { paperValuesCsv, parsePaperValues, withUserValues } from "#catalogue/paper/import";
import { isSameCell, type KnownValue } from "#catalogue/paper/value";
import { PUBLISHED_VALUES } from "#catalogue/paper/values";
import { host } from "#host/current";
import { FileError } from "#host/host";
import { writeFileAtomic } from "#store/files";
import { flag } from "./options.ts";

const { basename, join } = host.files;
const USER_VALUES = join("results", "paper-values.user.csv");

export function addPaper(program: Command): void {
  const command = program.command("paper").description("published values supplied by you");
  command
    .command("import")
    .argument("<csv>", "file with the columns of `lightnet-bench paper export`")
    .description("add values; they are marked as user-supplied")
    .addOption(flag("--replace", "forget the values that were imported before"))
    .action((path: string, { replace = false }: { replace?: boolean }) => {
      const { values } = parsePaperValues(readText(path), basename(path));
      const all = replace ? values : added(userValues(), values);
      writeFileAtomic(USER_VALUES, paperValuesCsv(all));
      const were = all.length - values.length;
      console.error(
        `${values.length} values imported${were === 0 ? "" : ` beside ${were} from before`}; they are in ${USER_VALUES} and will be marked as user-supplied`,
      );
    });
  command
    .command("export")
    .description("all values as CSV, absent ones empty: a form to fill in")
    .action(() => console.log(paperValuesCsv(withUserValues(PUBLISHED_VALUES, userValues())).trimEnd()));
}

/** @throws {UsageError} a cell has another value already */
function added(before: readonly KnownValue[], values: readonly KnownValue[]): KnownValue[] {
  const kept = before.filter((known) => {
    const again = values.find((value) => isSameCell(known, value));
    if (again !== undefined && again.value !== known.value)
      throw new UsageError(
        `${known.model}, ${known.metric}, ${known.setting} was imported as ${known.value} and is ${again.value} now. Take it out of the file, or forget all that was imported before with --replace.`,
      );
    return again === undefined;
  });
  return [...kept, ...values];
}

/** The user's own values, where some were imported. */
export function userValues(): readonly KnownValue[] {
  return host.files.kind(USER_VALUES) === undefined
    ? []
    : parsePaperValues(readText(USER_VALUES), basename(USER_VALUES)).values;
}

const LARGEST_CSV = 4 * 2 ** 20;

function readText(path: string): string {
  try {
    return host.files.readText(path, LARGEST_CSV);
  } catch (error) {
    throw error instanceof FileError ? new DataError(path, error.message, {}, { cause: error }) : error;
  }
}
