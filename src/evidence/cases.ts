// Records by case: which lines count, which are stale, and what a person calls a case.

import { groupBy } from "#base/group";
import { hashJson } from "#base/json";
import { effectiveRecords } from "#store/atoms";
import type { RunRecord } from "#store/record";
import { axesOf } from "#catalogue/axes";
import type { Case } from "#case/case";

export { groupBy } from "#base/group";

/** The counting records of one case computed by one version of the code, in file order. */
export interface CaseRecords {
  readonly caseId: string;
  readonly codeHash: string;
  readonly case: Case;
  /** another version of the code has computed this case later */
  readonly stale: boolean;
  readonly records: readonly RunRecord[];
}

/**
 * Groups the records of finished atoms by case and code. Results of older code stay apart and are marked,
 * never mixed with new ones and never dropped.
 */
export function groupByCase(records: readonly RunRecord[]): CaseRecords[] {
  const counting = effectiveRecords(records);
  const newest = new Map<string, RunRecord>();
  for (const record of counting) {
    const known = newest.get(record.caseId);
    if (known === undefined || record.startedAt >= known.startedAt) newest.set(record.caseId, record);
  }
  const groups = groupBy(counting, (record) => `${record.caseId}/${record.codeHash}`);
  return [...groups.values()].map((group) => {
    const { caseId, codeHash, case: item } = group[0]!;
    return { caseId, codeHash, case: item, stale: newest.get(caseId)!.codeHash !== codeHash, records: group };
  });
}

/** One line that names a case: `suite · contender · operator forward wasm · N 4096 = 64x64 · B 1 H 4 D 64 E 64`. */
export function caseLabel(item: Case): string {
  const start = `${item.suite} · ${item.contender}`;
  if (item.kind === "training") return `${start} · ${item.task} ${item.dataset} ${item.engine} · seed ${item.seed}`;
  const { B, H, N, D, E, grid, prefix } = item.shape;
  const what =
    item.kind === "decode"
      ? "decode"
      : [item.level, item.pass, ...(item.quantity === "memory" ? ["memory"] : [])].join(" ");
  const layout = grid.length > 1 || prefix > 0 ? ` = ${prefix > 0 ? `${prefix} + ` : ""}${grid.join("x")}` : "";
  return `${start} · ${what} ${item.engine} · N ${N}${layout} · B ${B} H ${H} D ${D} E ${E}`;
}

/** Name of the series a case belongs to: everything but its length. Cases of one series make one curve over N. */
export function seriesId(item: Case): string {
  const axes = Object.fromEntries(Object.entries(axesOf(item)).filter(([name]) => name !== "N" && name !== "grid"));
  const spec = item.kind === "training" ? item.model.mixer.operator : item.spec;
  return hashJson({ axes, spec });
}
