// Atoms: the lines of one matchup in one process. Only a finished attempt at an atom counts, and the last one of its kind.

import type { RunRecord } from "./record.ts";

/** Name of an atom within a run. */
export function atomName(matchup: string, process: number): string {
  return `${matchup}/${process}`;
}

/**
 * The records that count: of every matchup × process the last finished attempt (a retry or a run with newer code
 * replaces what was there), atoms in the order in which they first finished, lines in file order. Lines of attempts
 * without a final line are left out.
 */
export function effectiveRecords(records: readonly RunRecord[]): RunRecord[] {
  return effectiveAtoms(records).flat();
}

/** The same, atom by atom. */
export function effectiveAtoms(records: readonly RunRecord[]): (readonly RunRecord[])[] {
  const finished = new Map<string, readonly RunRecord[]>();
  const open = new Map<string, RunRecord[]>();
  for (const record of records) {
    const name = atomName(record.matchup, record.process);
    const attempt = `${name}/${record.attempt ?? 1}`;
    const lines = open.get(attempt) ?? [];
    lines.push(record);
    open.set(attempt, lines);
    if (record.final) {
      finished.set(name, lastAttempt(lines));
      open.delete(attempt);
    }
  }
  return [...finished.values()];
}

/**
 * The lines of the attempt that the last of these lines ends: records made before attempts were counted. Where no round of a case stands twice there was one attempt,
 * in whatever order its lines are. Else, walking back, the first round that is not before the one found last belongs to an
 * attempt that was cut off: an attempt writes the rounds of a case in order.
 */
function lastAttempt(lines: readonly RunRecord[]): readonly RunRecord[] {
  if (new Set(lines.map(({ caseId, round }) => `${caseId}/${round}`)).size === lines.length) return lines;
  const earliest = new Map<string, number>();
  let start = lines.length;
  for (; start > 0; start--) {
    const { caseId, round } = lines[start - 1]!;
    if (round >= (earliest.get(caseId) ?? Infinity)) break;
    earliest.set(caseId, round);
  }
  return lines.slice(start);
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
