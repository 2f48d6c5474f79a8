// What the protocol costs per call, measured with a program that computes nothing.

import { join } from "node:path";
import type { Seconds } from "#base/units";
import { packageRoot } from "#host/package";
import { median } from "#stats/quantiles";
import { readProgram } from "./manifest.ts";
import { ProgramSession } from "./session.ts";

export interface ProtocolCost {
  /** from sending a request to its reply, by the harness's clock */
  readonly roundTripSeconds: Seconds;
  /** that a program's own clock shows where nothing is done */
  readonly clockSeconds: Seconds;
}

const CALLS = 200;
const WARM_UP = 50;

let known: Promise<ProtocolCost> | undefined;

/** Measured once per process, on as many cores as the contenders have. */
export function protocolCost(threads: number): Promise<ProtocolCost> {
  return (known ??= measure(threads));
}

async function measure(threads: number): Promise<ProtocolCost> {
  const program = readProgram(join(packageRoot(), "contenders", "nothing"));
  const session = await ProgramSession.start(program, { threads, device: "cpu", seed: 0, runDeadline: 60 });
  try {
    const calls = [];
    for (let i = 0; i < WARM_UP + CALLS; i++) calls.push(await session.run(0, 1));
    const counted = calls.slice(WARM_UP);
    return {
      roundTripSeconds: median(counted.map(({ own, wall }) => wall - own)),
      clockSeconds: median(counted.map(({ own }) => own)),
    };
  } finally {
    await session.stop();
  }
}
