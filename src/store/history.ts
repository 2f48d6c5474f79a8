// The history of a machine: one line for each number of each run that was added, in results/history/<machine>.jsonl, in the
// order of adding. Small and text, so that it may be committed.

import { z } from "zod";
import { StoreError } from "#base/errors";
import { safeFileName } from "#base/file-name";
import { host } from "#host/current";
import { writeFileAtomic } from "./files.ts";
import { LONGEST_LINE } from "./load.ts";
import { SCHEMA_VERSION, type Environment } from "./record.ts";
import { inStore, parseStored } from "./validate.ts";

const { join } = host.files;

export const HISTORY_FOLDER = join("results", "history");

const name = z.string().min(1).max(300);
const number = z.number().min(-1e15).max(1e15);

export const historyEntrySchema = z.strictObject({
  schema: z.literal(SCHEMA_VERSION),
  run: name,
  /** when the run began */
  at: z.iso.datetime(),
  commit: name.optional(),
  dirty: z.boolean().optional(),
  caseId: name,
  suite: name,
  contender: name,
  label: z.string().min(1).max(1000),
  /** `time` in seconds, or the name of a score */
  quantity: name,
  better: z.enum(["lower", "higher"]),
  value: number,
  /** ends of the 95 % interval, where there is one */
  low: number.optional(),
  high: number.optional(),
  /** processes, or seeds */
  n: z.int().min(1).max(1e6),
});
export type HistoryEntry = z.infer<typeof historyEntrySchema>;

/** The file of a machine: named by its host, else by its processor. */
export function historyPath({ host: machine, cpu, cores }: Environment, base = "."): string {
  return join(base, HISTORY_FOLDER, `${safeFileName((machine ?? `${cpu} ${cores}`).toLowerCase())}.jsonl`);
}

/** In the order of adding; none where there is no file. @throws {StoreError} damage, with file and line */
export function readHistory(path: string): HistoryEntry[] {
  return inStore(path, () => {
    if (host.files.kind(path) === undefined) return [];
    return [...host.files.lines(path, LONGEST_LINE)].map(({ text, number: line }) =>
      parseStored(`${path}:${line}`, historyEntrySchema, text),
    );
  });
}

/** Adds the entries of one run; those of an earlier adding of the same run give way. @returns how many gave way */
export function addToHistory(path: string, entries: readonly HistoryEntry[]): number {
  if (entries.length === 0) throw new StoreError(path, "has nothing to add: the run has no finished result");
  const run = entries[0]!.run;
  const before = readHistory(path);
  const kept = before.filter((entry) => entry.run !== run);
  const lines = [...kept, ...entries].map((entry) => `${JSON.stringify(entry)}\n`);
  writeFileAtomic(path, lines.join(""));
  return before.length - kept.length;
}
