// --dry-run: what would be run, one line a process.

import { counted } from "#base/counted";
import type { Atom } from "#runner/plan";
import { describeAtom } from "./atom-lines.ts";

export function printPlan(remaining: readonly Atom[], total: number, folder: string): void {
  for (const atom of remaining)
    console.log(`${describeAtom(atom)}; contenders: ${atom.cases.map(({ contender }) => contender).join(" ")}`);
  console.log(
    `${counted(remaining.length, "process", "processes")} (of ${total}) would run; records would go to ${folder}`,
  );
}
