// One fresh process of the self-test: samples every cell with the harness's own sampler and sends the round medians up.

import { spawn, type ChildProcess } from "node:child_process";
import { systemClock } from "#base/clock";
import { Random } from "#base/random";
import { startEngine } from "#engine/registry";
import { measureOverhead } from "#measure/overhead";
import { sampleInterleaved, type SamplingOptions } from "#measure/sampler";
import { median } from "#stats/quantiles";
import { callablesOf, cells, type Variant } from "./cells.ts";

export interface ChildRequest {
  readonly seed: number;
  readonly cells: number;
  readonly budgetSeconds: number;
  /** a background load starts when half of the rounds are done */
  readonly drift: boolean;
}

/** One cell in one process: round medians in seconds by variant. */
export interface CellLine {
  readonly cell: number;
  /** of a call that computes nothing, in the same process */
  readonly overheadSeconds?: number;
  readonly roundSecondsSamples: Readonly<Record<Variant, readonly number[]>>;
}

const DRIFT_ROUNDS = 20;

export async function runChild(request: ChildRequest, send: (line: CellLine) => void): Promise<void> {
  const engine = await startEngine("wasm");
  const random = new Random(request.seed);
  const overheadSeconds = await measureOverhead(engine, systemClock);
  for (const [cell, item] of cells().slice(0, request.cells).entries()) {
    const { callables, dispose } = await callablesOf(item, engine);
    const rounds: Record<Variant, number[]> = { base: [], again: [], slow5: [], slow10: [], slow20: [] };
    const load = request.drift ? new BackgroundLoad() : undefined;
    const stopLoad = (): void => load?.stop();
    process.once("exit", stopLoad);
    await sampleInterleaved(callables, samplingOf(request), {
      clock: systemClock,
      random: random.fork(`cell ${cell}`),
      onContender: () => Promise.resolve(),
      onWarmedUp: () => undefined,
      onFailure: (id, error) => {
        throw new Error(`cell ${cell}, ${id} failed`, { cause: error });
      },
      onRound: ({ contender, round, secondsSamples }) => {
        rounds[contender as Variant].push(median(secondsSamples));
        if (round >= DRIFT_ROUNDS / 2 - 1) load?.start();
      },
    });
    stopLoad();
    process.off("exit", stopLoad);
    dispose();
    send({ cell, overheadSeconds, roundSecondsSamples: rounds });
  }
  await engine.stop();
}

function samplingOf({ budgetSeconds, drift }: ChildRequest): SamplingOptions {
  const common = {
    warmupSeconds: budgetSeconds / 3,
    roundSeconds: Math.min(0.05, budgetSeconds / 10),
    targetHalfWidth: 0.02,
  };
  if (drift) return { ...common, budgetSeconds: Infinity, minimumRounds: DRIFT_ROUNDS, maximumRounds: DRIFT_ROUNDS };
  return { ...common, budgetSeconds, minimumRounds: 3, maximumRounds: 200 };
}

/** A process that keeps one core busy until it is stopped. */
class BackgroundLoad {
  #child: ChildProcess | undefined;

  start(): void {
    this.#child ??= spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
  }

  stop(): void {
    this.#child?.kill("SIGKILL");
  }
}
