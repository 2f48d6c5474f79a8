// `paper import <csv>`: published values supplied by someone who has the paper. They are checked, marked as
// user-supplied in every table, and kept beside the results, never among the published data.

import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { DataError, describeError } from "#base/errors";
import { paperValuesCsv, parsePaperValues, withUserValues } from "#catalogue/paper/import";
import type { KnownValue } from "#catalogue/paper/value";
import { PUBLISHED_VALUES } from "#catalogue/paper/values";
import { writeFileAtomic } from "#store/files";

const USER_VALUES = join("results", "paper-values.user.csv");

export function addPaper(program: Command): void {
  const command = program.command("paper").description("published values supplied by you");
  command
    .command("import")
    .argument("<csv>", "file with the columns of `lightnet-bench paper export`")
    .description("add values; they are marked as user-supplied")
    .action((path: string) => {
      const { values } = parsePaperValues(readText(path), basename(path));
      writeFileAtomic(USER_VALUES, paperValuesCsv(values));
      console.error(`${values.length} values are in ${USER_VALUES} and will be marked as user-supplied`);
    });
  command
    .command("export")
    .description("all values as CSV, absent ones empty: a form to fill in")
    .action(() => console.log(paperValuesCsv(withUserValues(PUBLISHED_VALUES, userValues())).trimEnd()));
}

/** The user's own values, where some were imported. */
export function userValues(): readonly KnownValue[] {
  return existsSync(USER_VALUES) ? parsePaperValues(readText(USER_VALUES), basename(USER_VALUES)).values : [];
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new DataError(path, `cannot be read (${describeError(error)})`, {}, { cause: error });
  }
}
