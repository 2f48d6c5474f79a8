// Of what code and machine a benchmark's result is.

import { host } from "#host/current";

export interface BenchMachine {
  readonly commit: string;
  readonly node: string;
  readonly cpu: string;
  /** 1-minute load average before the first command: far above 0, elapsed times say little */
  readonly load: number;
}

/** As it is now: to be called before the first command. */
export function benchMachine(): BenchMachine {
  const [load = 0] = host.machine.loadAverage();
  const { gitCommit: commit = "unknown" } = host.packages.commit();
  const { node = "", cpu } = host.machine.facts;
  return { commit, node, cpu, load };
}

export function benchMachineText({ commit, node, cpu, load }: BenchMachine): string {
  return `Commit ${commit.slice(0, 12)}, Node ${node}, ${cpu}, load ${load.toFixed(1)} before.`;
}
