// --dry-run: what would be run, one line a cell.

import { axesOf } from "#catalogue/axes";
import type { Atom } from "#runner/plan";

export function printPlan(remaining: readonly Atom[], total: number, folder: string): void {
  for (const atom of remaining) {
    const axes = axesOf(atom.cases[0]!);
    const where = ["suite", "level", "pass", "quantity", "grid", "task", "dataset", "seed"].filter(
      (name) => name in axes,
    );
    const names = atom.cases.map(({ contender }) => contender).join(" ");
    console.log(
      `${where.map((name) => `${name}=${String(axes[name])}`).join(" ")} process=${atom.process} contenders: ${names}`,
    );
  }
  console.log(`${remaining.length} cells (of ${total}) would run; records would go to ${folder}`);
}
