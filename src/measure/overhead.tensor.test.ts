import { expect, test } from "vitest";
import { systemClock } from "#base/clock";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { measureOverhead } from "./overhead.ts";

/** Every look at the clock moves it on; synchronising takes longer. */
function fakeTime(step: number, synchronising: number) {
  let seconds = 0;
  const clock = { now: () => (seconds += step), timestamp: () => "" };
  let calls = 0;
  const synchronise = () => {
    calls++;
    seconds += synchronising;
    return Promise.resolve();
  };
  return { clock, engine: { synchronise }, calls: () => calls };
}

await describeOnEachEngine("overhead", (engine) => {
  test("is what the clock and synchronisation take", async () => {
    const { clock, engine: fake, calls } = fakeTime(1e-6, 3e-6);
    expect(await measureOverhead(fake, clock)).toBeCloseTo(4e-6, 9);
    expect(calls()).toBe(301);
  });

  test("is read from fewer calls where synchronising is slow", async () => {
    const { clock, engine: fake, calls } = fakeTime(1e-6, 0.03);
    expect(await measureOverhead(fake, clock)).toBeCloseTo(0.030001, 6);
    expect(calls()).toBeLessThan(6);
  });

  test("of this engine is above zero, and no tensor stays behind", async () => {
    await expectNoLeak(engine(), async () => expect(await measureOverhead(engine(), systemClock)).toBeGreaterThan(0));
  });
});
