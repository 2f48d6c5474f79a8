// Sampling of several contenders side by side: first call apart, warm-up until stable, then rounds in
// random order, so that drift of the machine hits all alike and ratios are taken round by round.
// Raw observations only; what they mean is decided elsewhere. One timed call of each, chosen at random, is kept and checked in the end.

import { Bench } from "tinybench";
import type { Clock } from "#base/clock";
import type { Random } from "#base/random";
import type { Seconds } from "#base/units";
import { relativeHalfWidth } from "#stats/median-interval";
import { median } from "#stats/quantiles";
import type { Callable, Check, CleanUp } from "./callable.ts";

export interface SamplingOptions {
  /** time for one contender's rounds */
  readonly budgetSeconds: Seconds;
  readonly warmupSeconds: Seconds;
  readonly minimumRounds: number;
  readonly maximumRounds: number;
  /** a round of a contender repeats its call until about this time has passed */
  readonly roundSeconds: Seconds;
  /** a sample times as many calls together as fill this time, so that the clock's steps do not count; default one call */
  readonly leastSampleSeconds?: Seconds;
  /** stop when the 95 % interval of the median is no wider than ± this share */
  readonly targetHalfWidth: number;
}

export interface Round {
  readonly contender: string;
  readonly round: number;
  readonly secondsSamples: readonly Seconds[];
  /** by the sampler's clock, one per call, divided by its repeats; where the contender has a clock of its own */
  readonly wallSecondsSamples?: readonly Seconds[];
  /** one a round, where the engine has device time */
  readonly deviceSecondsSamples?: readonly Seconds[];
  /** of a call apart from the others, one a round: what it is made of */
  readonly segmentSecondsSamples?: Readonly<Record<string, readonly Seconds[]>>;
}

export interface WarmedUp {
  readonly contender: string;
  readonly firstCallSeconds: Seconds;
  readonly warmupSecondsSamples: readonly Seconds[];
}

export interface SamplingEvents {
  /** Called before a contender is touched: whoever watches from outside knows whom to blame for a crash. */
  onContender(id: string): Promise<void>;
  onWarmedUp(warmedUp: WarmedUp): void;
  onRound(round: Round): void;
  /** A contender threw, or the call that was checked was wrong: it is out, the others go on. */
  onFailure(id: string, error: unknown): void;
}

interface Runner {
  readonly callable: Callable;
  /** calls that are timed together */
  readonly callsPerSample: number;
  readonly samplesPerRound: number;
  readonly medians: number[];
  /** decides which call is checked */
  readonly random: Random;
  spent: Seconds;
  calls: number;
  /** timed calls that might have been checked */
  candidates: number;
  check?: Check;
}

const MAXIMUM_SAMPLES_PER_ROUND = 100;
/** What these calls give is held until the last one has ended. */
const MAXIMUM_CALLS_PER_SAMPLE = 200;
const STABLE_SHARE = 0.02;

/** Measures all contenders until each is known well enough or its budget is spent. */
export async function sampleInterleaved(
  callables: readonly Callable[],
  options: SamplingOptions,
  tools: Tools,
): Promise<void> {
  const runners = new Set<Runner>();
  for (const callable of callables) {
    await tools.onContender(callable.id);
    try {
      runners.add(await warmUp(callable, options, tools));
    } catch (error) {
      tools.onFailure(callable.id, error);
    }
  }
  await drawRounds(runners, options, tools);
  for (const { callable, check } of runners) {
    await tools.onContender(callable.id);
    await check?.().catch((error: unknown) => tools.onFailure(callable.id, error));
  }
}

type Tools = { readonly clock: Clock; readonly random: Random } & SamplingEvents;

/** Rounds until none is open; who throws leaves the set. */
async function drawRounds(runners: Set<Runner>, options: SamplingOptions, tools: Tools): Promise<void> {
  for (let round = 0; round < options.maximumRounds; round++) {
    const open = [...runners].filter((runner) => !isFinished(runner, round, options));
    if (open.length === 0) return;
    // Contenders that are known well enough go on while others are measured: ratios need them in every round.
    const takesPart = [...runners].filter((runner) => open.includes(runner) || runner.spent < options.budgetSeconds);
    for (const runner of tools.random.shuffle(takesPart)) {
      await tools.onContender(runner.callable.id);
      try {
        tools.onRound(await drawRound(runner, round, tools.clock));
      } catch (error) {
        runners.delete(runner);
        tools.onFailure(runner.callable.id, error);
      }
    }
  }
}

function isFinished(runner: Runner, round: number, options: SamplingOptions): boolean {
  if (round < options.minimumRounds) return false;
  if (runner.spent >= options.budgetSeconds) return true;
  return (relativeHalfWidth(runner.medians) ?? Number.POSITIVE_INFINITY) <= options.targetHalfWidth;
}

/** The first call, then calls in blocks until three block medians in a row agree within 2 % or the time is up. */
async function warmUp(
  callable: Callable,
  options: SamplingOptions,
  tools: Pick<Tools, "clock" | "random" | "onWarmedUp">,
): Promise<Runner> {
  const firstCallSeconds = median(await timeCall(callable, 0, tools.clock));
  const warmupSecondsSamples: Seconds[] = [];
  const blockMedians: Seconds[] = [];
  let calls = 1;
  let spent = 0;
  while (spent < options.warmupSeconds && !isStable(blockMedians)) {
    const block: Seconds[] = [];
    for (let i = 0; i < 3 && spent < options.warmupSeconds; i++) {
      const seconds = median(await timeCall(callable, calls++, tools.clock));
      block.push(seconds);
      spent += seconds * repeatsOf(callable);
    }
    warmupSecondsSamples.push(...block);
    blockMedians.push(median(block));
  }
  tools.onWarmedUp({ contender: callable.id, firstCallSeconds, warmupSecondsSamples });
  // The fastest block: a call that the system interrupted would make rounds too short.
  const typical = blockMedians.length === 0 ? firstCallSeconds : Math.min(...blockMedians);
  const callSeconds = Math.max(typical * repeatsOf(callable), 1e-9);
  const { leastSampleSeconds = 0, roundSeconds } = options;
  const callsPerSample = clamped(Math.ceil(leastSampleSeconds / callSeconds), MAXIMUM_CALLS_PER_SAMPLE);
  const samplesPerRound = clamped(Math.round(roundSeconds / (callsPerSample * callSeconds)), MAXIMUM_SAMPLES_PER_ROUND);
  const random = tools.random.fork(`call of ${callable.id} to check`);
  // The last call of the first sample is not on the first set, so that there is always a call to check.
  if ((calls + callsPerSample - 1) % callable.inputSets === 0) calls++;
  return { callable, callsPerSample, samplesPerRound, medians: [], random, spent: 0, calls, candidates: 0 };
}

function clamped(count: number, most: number): number {
  return Math.min(most, Math.max(1, count));
}

function isStable(medians: readonly Seconds[]): boolean {
  const last = medians.slice(-3);
  return last.length === 3 && Math.max(...last) - Math.min(...last) <= STABLE_SHARE * median(last);
}

/** One round of one contender, drawn by tinybench; the time is ours, so that clean-up stays outside the clock. */
async function drawRound(runner: Runner, round: number, clock: Clock): Promise<Round> {
  const callsBefore = runner.calls;
  const bench = new Bench({
    iterations: runner.samplesPerRound,
    time: 0,
    warmup: false,
    retainSamples: true,
    throws: true,
  });
  const secondsSamples: Seconds[] = [];
  const wallSecondsSamples: Seconds[] = [];
  let hasOwnClock = false;
  bench.add(
    runner.callable.id,
    async () => {
      const { seconds, wall, cleanUp, free } = await timedCalls(runner, clock);
      await keepPerhaps(runner, runner.calls - 1, cleanUp);
      free();
      secondsSamples.push(...seconds);
      wallSecondsSamples.push(wall);
      hasOwnClock ||= cleanUp.seconds !== undefined;
      return { overriddenDuration: median(seconds) * 1000 };
    },
    { async: true },
  );
  await bench.run();
  const worksPerSample = repeatsOf(runner.callable) * runner.callsPerSample;
  runner.spent += wallSecondsSamples.reduce((sum, value) => sum + value, 0) * worksPerSample;
  runner.medians.push(median(secondsSamples));
  const nextSet = () => runner.calls++ % runner.callable.inputSets;
  const device = await runner.callable.deviceSeconds?.(nextSet());
  const segments = runner.callable.segmentSeconds?.(nextSet());
  // A round of whole turns would be followed by one that begins on the same set: slow calls would all be on one set.
  if ((runner.calls - callsBefore) % runner.callable.inputSets === 0) runner.calls++;
  return {
    contender: runner.callable.id,
    round,
    secondsSamples,
    ...(hasOwnClock ? { wallSecondsSamples } : {}),
    ...(device === undefined ? {} : { deviceSecondsSamples: [device / repeatsOf(runner.callable)] }),
    ...(segments === undefined
      ? {}
      : { segmentSecondsSamples: Object.fromEntries(Object.entries(segments).map(([name, one]) => [name, [one]])) }),
  };
}

/** How often a call does its work. */
export function repeatsOf({ repeats = 1 }: Callable): number {
  return repeats;
}

/**
 * Keeps one of all timed calls, each with the same probability (reservoir sampling). The first call of all had the first set of
 * inputs: whoever gives its output again would be right there, so calls on that set are no candidates where there are others.
 */
async function keepPerhaps(runner: Runner, call: number, { keep }: CleanUp): Promise<void> {
  const { inputSets } = runner.callable;
  if (keep === undefined || (inputSets > 1 && call % inputSets === 0)) return;
  runner.candidates++;
  if (runner.random.integer(runner.candidates) === 0) runner.check = await keep();
}

/** Seconds of doing the work of a call once, synchronised; the clean-up is outside the clock. */
export async function timeCall(callable: Callable, call: number, clock: Clock): Promise<readonly Seconds[]> {
  const { seconds, free } = await timedCalls({ callable, callsPerSample: 1, calls: call }, clock);
  free();
  return seconds;
}

interface TimedCalls {
  /** of each repeat by the contender's own clock, or one for all by ours */
  readonly seconds: readonly Seconds[];
  /** by our clock, divided by calls and repeats */
  readonly wall: Seconds;
  /** of the last call, which may be checked */
  readonly cleanUp: CleanUp;
  /** frees what all calls made */
  free(): void;
}

/** The calls of one sample, which follow those that the runner has made. */
async function timedCalls(
  runner: Pick<Runner, "callable" | "callsPerSample" | "calls">,
  clock: Clock,
): Promise<TimedCalls> {
  const { callable, callsPerSample } = runner;
  const made: CleanUp[] = [];
  const free = () => made.forEach((one) => one());
  const start = clock.now();
  try {
    for (let i = 0; i < callsPerSample; i++) made.push(await callable.call(runner.calls++ % callable.inputSets));
  } catch (error) {
    free();
    throw error;
  }
  const wall = (clock.now() - start) / (repeatsOf(callable) * callsPerSample);
  const cleanUp = made.at(-1)!;
  return { seconds: cleanUp.seconds ?? [wall], wall, cleanUp, free };
}
