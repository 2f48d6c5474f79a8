import { expect, test } from "vitest";
import { Random } from "#base/random";
import type { Callable } from "./callable.ts";
import { sampleInterleaved, type Round, type SamplingOptions, type WarmedUp } from "./sampler.ts";

const options: SamplingOptions = {
  budgetSeconds: 1,
  warmupSeconds: 0.5,
  minimumRounds: 3,
  maximumRounds: 50,
  roundSeconds: 0.02,
  targetHalfWidth: 0.02,
};

/** A clock that only the callables move. */
function fakeTime() {
  let seconds = 0;
  const log: string[] = [];
  const callable = (id: string, duration: (call: number) => number): Callable => {
    let calls = 0;
    return {
      id,
      inputSets: 2,
      call: async (set) => {
        log.push(`${id}${set}`);
        seconds += duration(calls++);
        await Promise.resolve();
        return () => {
          seconds += 100; // clean-up is outside the clock, however long it takes
        };
      },
    };
  };
  return { clock: { now: () => seconds, timestamp: () => "" }, callable, log };
}

async function sample(
  callables: readonly Callable[],
  clock: { now(): number; timestamp(): string },
  changed: Partial<SamplingOptions> = {},
) {
  const rounds: Round[] = [];
  const warm: WarmedUp[] = [];
  const failures: string[] = [];
  await sampleInterleaved(
    callables,
    { ...options, ...changed },
    {
      clock,
      random: new Random(1),
      onContender: async () => Promise.resolve(),
      onRound: (round) => void rounds.push(round),
      onWarmedUp: (item) => void warm.push(item),
      onFailure: (id, error) => void failures.push(`${id}: ${String(error)}`),
    },
  );
  return { rounds, warm, failures };
}

test("the first call is kept apart from warm-up and rounds", async () => {
  const { clock, callable } = fakeTime();
  const { rounds, warm } = await sample([callable("a", (call) => (call === 0 ? 3 : 0.01))], clock);
  expect(warm[0]!.firstCallSeconds).toBeCloseTo(3);
  expect(Math.max(...warm[0]!.warmupSecondsSamples)).toBeCloseTo(0.01);
  expect(rounds.flatMap(({ secondsSamples }) => secondsSamples).every((value) => Math.abs(value - 0.01) < 1e-9)).toBe(
    true,
  );
});

test("a steady contender stops when its interval is narrow, after at least ten rounds", async () => {
  const { clock, callable } = fakeTime();
  const { rounds } = await sample([callable("a", () => 0.001)], clock);
  expect(rounds).toHaveLength(10);
  expect(rounds[0]!.secondsSamples).toHaveLength(20); // 20 ms a round at 1 ms a call
});

test("a noisy contender goes on until its budget is spent", async () => {
  const { clock, callable } = fakeTime();
  const { rounds } = await sample([callable("a", (call) => (call % 2 === 0 ? 0.05 : 0.1))], clock);
  const spent = rounds.flatMap(({ secondsSamples }) => secondsSamples).reduce((sum, value) => sum + value, 0);
  expect(spent).toBeGreaterThanOrEqual(1);
  expect(spent).toBeLessThan(1.2);
});

test("a slow contender still gets the minimum of rounds", async () => {
  const { clock, callable } = fakeTime();
  const { rounds } = await sample([callable("slow", () => 5), callable("fast", () => 0.001)], clock);
  expect(rounds.filter(({ contender }) => contender === "slow")).toHaveLength(3);
  expect(rounds.filter(({ contender }) => contender === "fast").length).toBeGreaterThanOrEqual(10);
});

test("every round has each contender once, in changing order, with rotating inputs", async () => {
  const { clock, callable, log } = fakeTime();
  const { rounds } = await sample(
    [callable("a", () => 0.02), callable("b", () => 0.02), callable("c", () => 0.02)],
    clock,
  );
  const orders = new Set<string>();
  for (let round = 0; round < 10; round++) {
    const order = rounds.filter((item) => item.round === round).map(({ contender }) => contender);
    expect([...order].sort()).toEqual(["a", "b", "c"]);
    orders.add(order.join(""));
  }
  expect(orders.size).toBeGreaterThan(1);
  expect(new Set(log)).toEqual(new Set(["a0", "a1", "b0", "b1", "c0", "c1"]));
});

test("a contender that throws is out, the others go on", async () => {
  const { clock, callable } = fakeTime();
  const broken = callable("broken", (call) => {
    if (call > 5) throw new Error("boom");
    return 0.01;
  });
  const { rounds, failures } = await sample([broken, callable("fine", () => 0.01)], clock);
  expect(failures).toEqual(["broken: Error: boom"]);
  expect(rounds.filter(({ contender }) => contender === "fine")).toHaveLength(10);
});

test("a call that repeats its work counts once for each time, against the budget as a whole", async () => {
  const { clock, callable } = fakeTime();
  const { rounds, warm } = await sample([{ ...callable("a", () => 0.016), repeats: 16 }], clock);
  expect(warm[0]!.firstCallSeconds).toBeCloseTo(0.001);
  expect(rounds.flatMap(({ secondsSamples }) => secondsSamples).every((value) => Math.abs(value - 0.001) < 1e-9)).toBe(
    true,
  );
  expect(rounds[0]!.secondsSamples).toHaveLength(1); // 20 ms a round at 16 ms a call
});

/** Gives its output of a call to whoever keeps it; a call that is checked is wrong where `isWrong` says so. */
function checked(own: Callable, isWrong: (call: number, set: number) => boolean, kept: number[] = []): Callable {
  let calls = 0;
  return {
    ...own,
    call: async (set) => {
      const cleanUp = await own.call(set);
      const call = calls++;
      const check = async () => {
        if (isWrong(call, set)) throw new Error(`call ${call} is wrong`);
        return Promise.resolve();
      };
      const keep = async () => {
        kept.push(call);
        return Promise.resolve(check);
      };
      return Object.assign(cleanUp, { keep });
    },
  };
}

test("a timed call, not always the same one, is checked after the rounds; who was wrong is out", async () => {
  const { clock, callable } = fakeTime();
  const [right, wrong]: [number[], number[]] = [[], []];
  const { rounds, failures } = await sample(
    [
      checked(
        callable("right", () => 0.001),
        () => false,
        right,
      ),
      checked(
        callable("wrong", () => 0.001),
        () => true,
        wrong,
      ),
    ],
    clock,
  );
  expect(failures).toEqual([`wrong: Error: call ${wrong.at(-1)} is wrong`]);
  expect(rounds.filter(({ contender }) => contender === "wrong")).toHaveLength(10); // the times are dropped by who asked for them
  expect(right.at(-1)).not.toBe(wrong.at(-1));
  expect(right.length).toBeLessThan(30); // of 200 calls, few are read
});

test("who gives the output of the first call again is never right by luck", async () => {
  for (let run = 0; run < 10; run++) {
    const { clock, callable } = fakeTime();
    const cache = checked(
      callable(`cache ${run}`, () => 0.001),
      (_, set) => set !== 0,
    );
    expect((await sample([cache], clock)).failures).toHaveLength(1);
  }
});

test("one timed call is enough to be checked, however many calls warmed up", async () => {
  for (const warmupSeconds of [0.03, 0.05, 0.07, 0.09]) {
    const { clock, callable } = fakeTime();
    const cache = checked(
      callable("cache", () => 0.02),
      (_, set) => set !== 0,
    );
    const once = { warmupSeconds, minimumRounds: 1, maximumRounds: 1 };
    const { rounds, failures } = await sample([cache], clock, once);
    expect([rounds.length, rounds[0]!.secondsSamples.length, failures.length]).toEqual([1, 1, 1]);
  }
});

test("a slow contender whose device has a clock takes its sets in turn", async () => {
  const { clock, callable, log } = fakeTime();
  const slow = callable("slow", () => 0.4); // one sample per round
  await sample([{ ...slow, deviceSeconds: () => Promise.resolve(undefined) }], clock);
  const timed = log.slice(-3);
  expect(new Set(timed)).toEqual(new Set(["slow0", "slow1"]));
});

test("calls shorter than the clock's steps are timed together, so that their time is known between two steps", async () => {
  const { clock, callable } = fakeTime();
  const step = 1e-3;
  const coarse = { ...clock, now: () => step * Math.floor(clock.now() / step + 1e-9) };
  const { rounds } = await sample([callable("a", () => 1.37e-3)], coarse, { leastSampleSeconds: 100 * step });
  const samples = rounds.flatMap(({ secondsSamples }) => secondsSamples);
  expect(samples.every((seconds) => Math.abs(seconds / 1.37e-3 - 1) < 0.011)).toBe(true);
  const { rounds: single } = await sample([callable("a", () => 1.37e-3)], coarse);
  const alone = single.flatMap(({ secondsSamples }) => secondsSamples);
  expect(alone.every((seconds) => Math.abs(seconds / 1.37e-3 - 1) > 0.2)).toBe(true);
});

test("one of the calls timed together throws: what the others gave is freed, and the contender is out", async () => {
  let [given, freed, calls] = [0, 0, 0];
  const failing: Callable = {
    id: "a",
    inputSets: 1,
    call: () => {
      if (++calls > 20) return Promise.reject(new Error("no more"));
      given++;
      return Promise.resolve(() => void freed++);
    },
  };
  const { clock } = fakeTime();
  const { failures } = await sample([failing], clock, { leastSampleSeconds: 1 });
  expect(failures).toEqual(["a: Error: no more"]);
  expect(freed).toBe(given);
});
