// Atoms: the lines of one matchup in one process. Only a finished atom counts, and the last one of its kind.

import type { RunRecord } from "./record.ts";

/** Name of an atom within a run. */
export function atomName(matchup: string, process: number): string {
  return `${matchup}/${process}`;
}

/**
 * The records that count: of every matchup × process the last finished atom (a retry or a run with newer code
 * replaces what was there), in file order. Lines of unfinished atoms are left out.
 */
export function effectiveRecords(records: readonly RunRecord[]): RunRecord[] {
  const last = new Map<string, readonly RunRecord[]>();
  const open = new Map<string, RunRecord[]>();
  for (const record of records) {
    const name = atomName(record.matchup, record.process);
    const lines = open.get(name) ?? [];
    lines.push(record);
    open.set(name, lines);
    if (record.final) {
      last.set(name, lines);
      open.delete(name);
    }
  }
  return [...last.values()].flat();
}

/** Keys (case and code) that each finished atom holds, by atom name. */
export function finishedKeys(records: readonly RunRecord[]): ReadonlyMap<string, ReadonlySet<string>> {
  const keys = new Map<string, Set<string>>();
  for (const record of effectiveRecords(records)) {
    const name = atomName(record.matchup, record.process);
    keys.set(name, (keys.get(name) ?? new Set()).add(record.key));
  }
  return keys;
}
