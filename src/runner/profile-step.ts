// Where a training step of a case spends its time: steps with a profile and steps without in turn, after a warm-up.

import { systemClock, type Clock } from "#base/clock";
import { defined } from "#base/defined";
import { UsageError } from "#base/errors";
import { inStep, listenToScopes, type ScopeKind, type ScopeListener } from "#base/scopes";
import type { Bytes, Seconds } from "#base/units";
import { caseId, type TrainingCase, type TrainStepCase } from "#case/case";
import type { RunningEngine } from "#engine/engine";
import { startEngine, useKernels } from "#engine/registry";
import * as tf from "#engine/tf";
import { watchedKernels, watchKernels } from "#engine/watched-kernels";
import { StepProfile, type ProfileRow } from "#measure/step-profile";
import { median } from "#stats/quantiles";
import { train } from "#tasks/train";
import { DrawnStep } from "./workloads/train-step-inputs.ts";

export type ProfiledCase = TrainingCase | TrainStepCase;

export interface ProfileOptions {
  readonly dataDir?: string | undefined;
  readonly threads?: number | undefined;
  /** profiled steps; as many without a profile */
  readonly steps: number;
  readonly clock?: Clock;
}

/** Of one step, the mean of the profiled ones. */
export type StepRow = Readonly<ProfileRow>;

export interface ProfiledStep {
  readonly caseId: string;
  readonly engine: string;
  readonly device: string;
  readonly threads: number | undefined;
  readonly steps: number;
  /** mean of the profiled steps; the rows add up to it */
  readonly profiledSeconds: Seconds;
  /** medians of steps with and without a profile: what the profile itself costs */
  readonly medianProfiledSeconds: Seconds;
  readonly medianSeconds: Seconds;
  readonly bytes: Bytes;
  readonly rows: readonly StepRow[];
}

/** Kernels compile and caches fill. */
const WARM_UP = 3;

/**
 * Profiles steps of a case.
 *
 * @throws {UsageError} an engine whose kernels are only queued when their call returns
 * @throws {EnvironmentError} the engine is not available
 */
export async function profileStep(item: ProfiledCase, options: ProfileOptions): Promise<ProfiledStep> {
  const engine = await startEngine(item.engine, defined({ threads: options.threads }));
  try {
    if (engine.device.kind === "gpu")
      throw new UsageError(
        `engine ${engine.id} queues its kernels on ${engine.device.name}: the time of a call is not that of the kernel. Profile on cpu, wasm or tensorflow without a GPU.`,
      );
    return await profiledOn(engine, item, options);
  } finally {
    await engine.stop();
  }
}

/** Steps of the case on an engine that runs. */
export async function profiledOn(
  engine: RunningEngine,
  item: ProfiledCase,
  { dataDir, steps, clock = systemClock }: ProfileOptions,
): Promise<ProfiledStep> {
  const turns = new Turns(engine.id, steps, clock);
  const watched = useKernels(watchedKernels(engine.kernels, () => turns.current));
  listenToScopes(turns);
  try {
    await (item.kind === "training"
      ? trainUntil(turns.enough, item, { engine: watched, dataDir })
      : stepUntil(turns.enough, item, watched));
  } finally {
    listenToScopes(undefined);
    useKernels(engine.kernels);
  }
  const { threads } = engine.device.details;
  return {
    caseId: caseId(item),
    engine: engine.id,
    device: engine.device.name,
    threads: typeof threads === "number" ? threads : undefined,
    ...turns.result(),
  };
}

type Taken = Omit<ProfiledStep, "caseId" | "engine" | "device" | "threads">;

/** Listens to every other step after the warm-up. */
class Turns implements ScopeListener {
  /** of the step that is being profiled */
  current: StepProfile | undefined;
  readonly #profile: StepProfile;
  readonly #enough = new AbortController();
  readonly #backend: string;
  readonly #steps: number;
  readonly #clock: Clock;
  readonly #profiled: Seconds[] = [];
  readonly #plain: Seconds[] = [];
  #begun = 0;
  #depth = 0;
  #startedAt: Seconds | undefined;
  #putBack: (() => void) | undefined;

  constructor(backend: string, steps: number, clock: Clock) {
    [this.#backend, this.#steps, this.#clock] = [backend, steps, clock];
    this.#profile = new StepProfile(clock);
  }

  /** aborts when enough steps have been taken */
  get enough(): AbortSignal {
    return this.#enough.signal;
  }

  enter(kind: ScopeKind, name: string): void {
    if (kind === "step") this.#begin();
    this.#depth++;
    this.current?.enter(kind, name);
  }

  leave(): void {
    this.current?.leave();
    if (--this.#depth === 0 && this.#startedAt !== undefined) this.#end(this.#startedAt);
  }

  #begin(): void {
    const turn = this.#begun++ - WARM_UP;
    if (turn >= 0 && turn % 2 === 1) {
      this.#putBack = watchKernels(this.#backend, this.#profile);
      this.current = this.#profile;
    }
    this.#startedAt = this.#clock.now();
  }

  #end(startedAt: Seconds): void {
    const seconds = this.#clock.now() - startedAt;
    this.#startedAt = undefined;
    if (this.#begun > WARM_UP) (this.current === undefined ? this.#plain : this.#profiled).push(seconds);
    this.current = undefined;
    this.#putBack?.();
    this.#putBack = undefined;
    if (this.#profiled.length >= this.#steps) this.#enough.abort();
  }

  /** @throws {UsageError} the training ended before a step could be profiled */
  result(): Taken {
    const count = this.#profiled.length;
    if (count === 0)
      throw new UsageError(`a training of ${this.#begun} steps is too short for a profile: it takes ${WARM_UP + 2}.`);
    const rows = this.#profile.rows().map((row) => ({
      ...row,
      calls: row.calls / count,
      seconds: row.seconds / count,
      bytes: row.bytes / count,
    }));
    return {
      steps: count,
      profiledSeconds: this.#profiled.reduce((sum, seconds) => sum + seconds, 0) / count,
      medianProfiledSeconds: median(this.#profiled),
      medianSeconds: median(this.#plain),
      bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
      rows: rows.sort((a, b) => b.seconds - a.seconds),
    };
  }
}

interface Training {
  readonly engine: RunningEngine;
  readonly dataDir: string | undefined;
}

async function trainUntil(enough: AbortSignal, item: TrainingCase, { engine, dataDir }: Training): Promise<void> {
  try {
    await train(item, { engine, dataDir, signal: enough, isForTimes: true });
  } catch (error) {
    if (!enough.aborted) throw error;
  }
}

/** Every step starts at the same weights. */
async function stepUntil(enough: AbortSignal, item: TrainStepCase, engine: RunningEngine): Promise<void> {
  const drawn = await DrawnStep.create(item, engine);
  try {
    for (let step = 0; !enough.aborted; step++)
      await inStep(async () => {
        const stepped = drawn.run(step % drawn.batches.length);
        await stepped.loss.data();
        tf.dispose({ ...stepped });
      });
  } finally {
    drawn.dispose();
  }
}
