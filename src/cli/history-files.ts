// Where the histories of machines lie.

import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { UsageError } from "#base/errors";
import { unknownName } from "#base/registry";
import { HISTORY_FOLDER } from "#store/history";

/** Files of all machines, or of the one named. @throws {UsageError} there is none */
export function historyFiles(machine?: string): string[] {
  const files = existsSync(HISTORY_FOLDER) ? readdirSync(HISTORY_FOLDER).filter((file) => file.endsWith(".jsonl")) : [];
  if (files.length === 0)
    throw new UsageError("there is no history yet. Begin one with `lightnet-bench history add <run>`.");
  const names = files.map((file) => basename(file, ".jsonl")).toSorted();
  if (machine !== undefined && !names.includes(machine)) throw unknownName("machine in the history", machine, names);
  return (machine === undefined ? names : [machine]).map((name) => join(HISTORY_FOLDER, `${name}.jsonl`));
}
