// --dry-run: what would be run, one line a process; then per suite how many cases, how long and how much disk.

import { counted } from "#base/counted";
import { groupBy } from "#base/group";
import { formatBytes, type Bytes } from "#base/units";
import type { Case } from "#case/case";
import { axesOf } from "#catalogue/axes";
import { totalOf, type SecondsOf } from "#runner/estimate";
import type { Atom } from "#runner/plan";
import { describeAtom } from "#runner/atom-lines";
import { remainingText } from "#runner/status-line";

export interface PlanToPrint {
  readonly remaining: readonly Atom[];
  readonly total: number;
  /** of the run */
  readonly folder: string;
  readonly secondsOf: SecondsOf;
}

/** A line of a round, and of a training with its samples and curve: rough figures, for an order of magnitude. */
const BYTES_PER_LINE: Bytes = 1200;
const BYTES_PER_TRAINING: Bytes = 40_000;
const ROUNDS = 40;

export function printPlan({ remaining, total, folder, secondsOf }: PlanToPrint): void {
  const lines = processLines(remaining);
  for (const [suite, atoms] of groupBy(remaining, ({ cases }) => cases[0]!.suite)) {
    const cases = atoms.flatMap((atom) => atom.cases);
    const bytes = cases.reduce((sum, item) => sum + bytesOf(item), 0);
    const left = remainingText(totalOf(atoms, secondsOf)).replace(" left", "");
    lines.push(
      `${suite}: ${counted(cases.length, "case")} in ${counted(atoms.length, "process", "processes")}, ${left}, ${formatBytes(bytes)} of records`,
    );
  }
  const all = remainingText(totalOf(remaining, secondsOf)).replace(" left", "");
  lines.push(
    `${counted(remaining.length, "process", "processes")} (of ${total}) would run, ${all}; records would go to ${folder}`,
  );
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** A line per process; those that would read alike are told apart by the axes in which they differ. */
function processLines(atoms: readonly Atom[]): string[] {
  const alike = groupBy(
    atoms,
    (atom) => `${describeAtom(atom)}; contenders: ${atom.cases.map(({ contender }) => contender).join(" ")}`,
  );
  const lines = new Map<Atom, string>();
  for (const [text, members] of alike) {
    const axes = members.map(({ cases }) => axesOf(cases[0]!));
    const differ = Object.keys(axes[0]!).filter((name) => new Set(axes.map((one) => one[name])).size > 1);
    for (const [index, atom] of members.entries())
      lines.set(atom, [text, ...differ.map((name) => `${name} ${axes[index]![name]}`)].join("; "));
  }
  return atoms.map((atom) => lines.get(atom)!);
}

/** Of the records of a case in one process. */
function bytesOf(item: Case): Bytes {
  if (item.kind === "training") return BYTES_PER_TRAINING;
  return item.kind === "operator" && item.quantity === "memory" ? BYTES_PER_LINE : ROUNDS * BYTES_PER_LINE;
}
