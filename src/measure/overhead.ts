// What measuring adds to every sample: reading the clock twice, one promise, and synchronisation when there is nothing
// to wait for. Talking to the parent process happens between samples and is in none of them.

import type { Clock } from "#base/clock";
import type { Seconds } from "#base/units";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { median } from "#stats/quantiles";
import type { Callable } from "./callable.ts";
import { timeCall } from "./sampler.ts";

const CALLS = 300;
/** Reading one value back from a GPU takes long; fewer calls are enough then. */
const MOST_SECONDS = 0.1;

/** Median seconds of a call that computes nothing, timed exactly as real calls are. */
export async function measureOverhead(engine: Pick<RunningEngine, "synchronise">, clock: Clock): Promise<Seconds> {
  const ready = tf.zeros([1]);
  const nothing: Callable = {
    id: "nothing",
    inputSets: 1,
    call: async () => {
      await engine.synchronise(ready);
      return () => undefined;
    },
  };
  const samples: Seconds[] = [];
  const end = clock.now() + MOST_SECONDS;
  await timeCall(nothing, 0, clock); // compiled code and a first read-back
  do samples.push(...(await timeCall(nothing, samples.length, clock)));
  while (samples.length < CALLS && clock.now() < end);
  ready.dispose();
  return median(samples);
}
