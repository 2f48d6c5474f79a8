// --dry-run: what would be run, one line a process; then per suite how many cases, how long and how much disk.

import { counted } from "#base/counted";
import { groupBy } from "#base/group";
import { formatBytes } from "#base/units";
import { axesOf } from "#catalogue/axes";
import { totalOf, type SecondsOf } from "#runner/estimate";
import type { Atom } from "#runner/plan";
import { describeAtom } from "#runner/atom-lines";
import { remainingText } from "#runner/status-line";
import { suiteCosts } from "#runner/suite-costs";

export interface PlanToPrint {
  readonly remaining: readonly Atom[];
  readonly total: number;
  /** of the run */
  readonly folder: string;
  readonly secondsOf: SecondsOf;
}

export function printPlan({ remaining, total, folder, secondsOf }: PlanToPrint): void {
  const lines = processLines(remaining);
  for (const { suite, cases, processes, time, bytes } of suiteCosts(remaining, secondsOf)) {
    const left = remainingText(time).replace(" left", "");
    lines.push(
      `${suite}: ${counted(cases, "case")} in ${counted(processes, "process", "processes")}, ${left}, ${formatBytes(bytes)} of records`,
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
