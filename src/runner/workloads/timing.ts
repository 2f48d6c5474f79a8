// From prepared callables to lines: sampling, and the words sent to the parent on the way.

import { systemClock } from "#base/clock";
import { Random } from "#base/random";
import type { Seconds } from "#base/units";
import type { RunningEngine } from "#engine/engine";
import type { GpuState } from "#engine/gpu-state";
import type { Callable } from "#measure/callable";
import { measureOverhead } from "#measure/overhead";
import { measurePeaks, type Peaks } from "#measure/peaks";
import { repeatsOf, sampleInterleaved, type WarmedUp } from "#measure/sampler";
import type { ProgramFacts } from "#store/record";
import { isDeviceLost } from "../failure.ts";
import type { AtomRequest, Line } from "../protocol.ts";
import { samplingWithin } from "../sampling.ts";
import { gpuStateOf } from "./gpu-state.ts";
import type { Send } from "./workload.ts";
import { sendFailure } from "./failure.ts";

/** A callable with the facts that go into its lines. */
export interface Prepared {
  readonly callable: Callable;
  readonly caseId: string;
  readonly facts: {
    readonly strategy?: string;
    readonly work?: { readonly flops: number; readonly leastBytes: number };
    readonly program?: ProgramFacts;
  };
  /** what its first line says instead of what was found here */
  readonly firstRound?: Readonly<Partial<FirstRoundFacts>>;
}

/** Samples all callables side by side and sends a line for every round of each. */
export async function timeSideBySide(
  prepared: readonly Prepared[],
  request: AtomRequest,
  tools: { engine: RunningEngine; send: Send },
): Promise<void> {
  const { engine, send } = tools;
  const ceiling = {
    peak: await measurePeaks(engine, systemClock),
    overheadSeconds: await measureOverhead(engine, systemClock),
  };
  const byId = new Map(prepared.map((item) => [item.callable.id, item]));
  const warmedUp = new Map<string, FirstRoundFacts>();
  const outbox: Promise<void>[] = [];
  await sampleInterleaved(
    prepared.map(({ callable }) => callable),
    samplingWithin(request.contenderBudget),
    {
      clock: systemClock,
      random: new Random(request.process).fork("order of rounds"),
      onContender: (id) => send({ type: "touching", caseId: byId.get(id)!.caseId }),
      onWarmedUp: (warm) => {
        const overheadSeconds = ceiling.overheadSeconds / repeatsOf(byId.get(warm.contender)!.callable);
        const { firstRound } = byId.get(warm.contender)!;
        const found = { peak: ceiling.peak, overheadSeconds, ...gpuStateOf(engine), ...factsOf(warm) };
        warmedUp.set(warm.contender, { ...found, ...firstRound });
      },
      onFailure: (id, error) => {
        if (isDeviceLost(error)) throw error; // here, or the others would be called again before the promise below is looked at
        outbox.push(sendFailure(send, byId.get(id)!.caseId, error));
      },
      onRound: ({ contender, round, ...samples }) => {
        const { caseId, facts } = byId.get(contender)!;
        const { strategy, work, program } = facts;
        const first = round === 0 ? warmedUp.get(contender) : {};
        const line: Line = {
          caseId,
          round,
          startedAt: systemClock.timestamp(),
          ...samples,
          strategy,
          work,
          program,
          ...first,
        };
        outbox.push(send({ type: "line", line }));
      },
    },
  );
  await Promise.all(outbox);
}

/** What is known of a case before its rounds; its first line carries it. */
interface FirstRoundFacts extends Omit<WarmedUp, "contender"> {
  /** of our engine: absent for programs, which it does not bound */
  readonly peak: Peaks | undefined;
  readonly overheadSeconds: Seconds;
  readonly gpuState?: readonly GpuState[];
}

function factsOf({ firstCallSeconds, warmupSecondsSamples }: WarmedUp): Omit<WarmedUp, "contender"> {
  return { firstCallSeconds, warmupSecondsSamples };
}
