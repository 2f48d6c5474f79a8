// What the engine can do at best on this machine, measured: a large product and a large copy. Shares of peak
// refer to these, never to a data sheet.

import type { Clock } from "#base/clock";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { median } from "#stats/quantiles";

export interface Peaks {
  readonly flopsPerSecond: number;
  readonly bytesPerSecond: number;
}

const PRODUCT_SIZE = 512;
const COPY_ELEMENTS = 8 * 2 ** 20; // 32 MiB read and written: larger than any cache nearby
const CALLS = 5;

/** Median of five products of 512³ and of five copies of 32 MiB. */
export async function measurePeaks(engine: RunningEngine, clock: Clock): Promise<Peaks> {
  const a = tf.randomUniform([PRODUCT_SIZE, PRODUCT_SIZE]);
  const product = await medianSeconds(() => tf.matMul(a, a), engine, clock);
  const source = tf.fill([COPY_ELEMENTS], 1.5);
  const copy = await medianSeconds(() => tf.add(source, 1), engine, clock);
  tf.dispose([a, source]);
  return { flopsPerSecond: (2 * PRODUCT_SIZE ** 3) / product, bytesPerSecond: (8 * COPY_ELEMENTS) / copy };
}

async function medianSeconds(run: () => tf.Tensor, engine: RunningEngine, clock: Clock): Promise<number> {
  const samples: number[] = [];
  for (let call = 0; call <= CALLS; call++) {
    const start = clock.now();
    const result = run();
    await engine.synchronise(result);
    const seconds = clock.now() - start;
    if (call > 0) samples.push(seconds); // the first call compiles
    result.dispose();
  }
  return median(samples);
}
