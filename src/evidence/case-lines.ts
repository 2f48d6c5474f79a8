// Records by case: which lines count, which are stale, and what a person calls a case.

import { groupBy } from "#base/group";
import { effectiveRecords } from "#store/atoms";
import type { RunRecord } from "#store/record";
import type { Case } from "#case/case";

/** The counting records of one case computed by one version of the code, in file order. */
export interface CaseLines {
  readonly caseId: string;
  readonly codeHash: string;
  readonly case: Case;
  /** another version of the code has computed this case later */
  readonly stale: boolean;
  readonly records: readonly RunRecord[];
}

/**
 * Groups the records of finished atoms by case and code. Results of older code stay apart and are marked, never mixed
 * with new ones and never dropped. Records are appended, so the later code is the newer: clocks are set back.
 */
export function linesByCase(records: readonly RunRecord[]): CaseLines[] {
  const counting = effectiveRecords(records);
  const members = new Set(counting);
  const newest = new Map<string, string>();
  for (const record of records) if (members.has(record)) newest.set(record.caseId, record.codeHash);
  const groups = groupBy(counting, (record) => `${record.caseId}/${record.codeHash}`);
  return [...groups.values()].map((group) => {
    const { caseId, codeHash, case: item } = group[0]!;
    return { caseId, codeHash, case: item, stale: newest.get(caseId) !== codeHash, records: group };
  });
}

/** One line that names a case: `suite · contender · operator forward wasm · N 4096 = 64x64 · B 1 H 4 D 64 E 64`. */
export function caseLabel(item: Case): string {
  const start = `${item.suite} · ${item.contender}`;
  if (item.kind === "training") return `${start} · ${item.task} ${item.dataset} ${item.engine} · seed ${item.seed}`;
  const { B, H, N, D, E, grid, prefix } = item.shape;
  const what =
    item.kind !== "operator"
      ? item.kind
      : [item.level, item.pass, ...(item.quantity === "memory" ? ["memory"] : [])].join(" ");
  const layout = grid.length > 1 || prefix > 0 ? ` = ${prefix > 0 ? `${prefix} + ` : ""}${grid.join("x")}` : "";
  return `${start} · ${what} ${item.engine} · N ${N}${layout} · B ${B} H ${H} D ${D} E ${E}`;
}
