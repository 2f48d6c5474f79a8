// For which processors our own kernels are compiled, and where they lie.

import { join } from "node:path";

/** Changes with the operations' names, inputs or outputs: checkouts of other versions may share an installation. */
const INTERFACE = 7;

export const INSTRUCTION_SETS = ["avx512", "avx2"] as const;
export type InstructionSet = (typeof INSTRUCTION_SETS)[number];

/** What /proc/cpuinfo must list. */
const NEEDS: Readonly<Record<InstructionSet, readonly string[]>> = {
  avx512: ["avx512f", "avx512bw", "avx512dq", "avx512vl", "avx2", "fma"],
  avx2: ["avx2", "fma"],
};

/** Where the kernels for an instruction set lie in an installation. */
export function kernelsFile(folder: string, set: InstructionSet): string {
  return join(folder, "kernels", `lightnet-kernels-${INTERFACE}-${set}.node`);
}

/** The widest instruction set of this processor that there are kernels for; none off x64. */
export function instructionSetOf(cpuInfo: string): InstructionSet | undefined {
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuInfo)?.[1]?.trim().split(/\s+/) ?? []);
  return INSTRUCTION_SETS.find((set) => NEEDS[set].every((flag) => flags.has(flag)));
}
