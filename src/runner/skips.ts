// What need not be tried: after a contender ran out of memory or time at length N, longer N of the same form are skipped.

import { hashJson } from "#base/json";
import type { RunRecord } from "#store/record";
import type { Case } from "#case/case";

export class Limits {
  readonly #smallestFailure = new Map<string, { readonly N: number; readonly status: "oom" | "timeout" }>();

  /** @param records what a resumed run already holds */
  constructor(records: readonly RunRecord[] = []) {
    for (const record of records) this.note(record.case, record.status);
  }

  note(item: Case, status: RunRecord["status"]): void {
    if (item.kind === "training" || (status !== "oom" && status !== "timeout")) return;
    const form = formOf(item);
    const known = this.#smallestFailure.get(form);
    if (known === undefined || item.shape.N < known.N) this.#smallestFailure.set(form, { N: item.shape.N, status });
  }

  /** The reason to skip this case, if there is one. */
  reasonToSkip(item: Case): string | undefined {
    if (item.kind === "training") return undefined;
    const known = this.#smallestFailure.get(formOf(item));
    return known !== undefined && known.N < item.shape.N ? `${known.status} at N = ${known.N}` : undefined;
  }
}

/** Everything of a case that stays the same along N. */
function formOf(item: Exclude<Case, { kind: "training" }>): string {
  const { B, H, D, E, grid } = item.shape;
  const { suite, contender, engine, precision, scale } = item;
  const shared = { suite, contender, engine, precision, scale, kind: item.kind, size: [B, H, D, E], dims: grid.length };
  return hashJson(
    item.kind === "operator" ? { ...shared, level: item.level, pass: item.pass, quantity: item.quantity } : shared,
  );
}
