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

interface Sizes {
  /** rows and columns of the factors */
  readonly product: number;
  /** float32 copied; each is read and written */
  readonly copied: number;
}

const CALLS = 5;
/** Larger than any cache nearby, and long enough that starting the work does not count. */
const ON_CPU: Sizes = { product: 512, copied: 8 * 2 ** 20 };
const ON_GPU: Sizes = { product: 4096, copied: 64 * 2 ** 20 };
/** An emulated GPU takes seconds for what a CPU does in a moment, and its times are shown nowhere. */
const ON_SOFTWARE_GPU: Sizes = { product: 64, copied: 2 ** 16 };

function sizesFor({ device: { kind, software } }: RunningEngine): Sizes {
  if (kind === "cpu") return ON_CPU;
  return software ? ON_SOFTWARE_GPU : ON_GPU;
}

/** Median of five square products and of five copies, in device time where the engine has it. */
export async function measurePeaks(engine: RunningEngine, clock: Clock): Promise<Peaks> {
  const sizes = sizesFor(engine);
  const a = tf.tidy(() => tf.tile(tf.randomUniform([64, 64]), [sizes.product / 64, sizes.product / 64]));
  const product = await medianSeconds(() => tf.matMul(a, a), engine, clock);
  a.dispose();
  const source = tf.fill([sizes.copied], 1.5);
  const copy = await medianSeconds(() => tf.add(source, 1), engine, clock);
  source.dispose();
  return { flopsPerSecond: (2 * sizes.product ** 3) / product, bytesPerSecond: (8 * sizes.copied) / copy };
}

async function medianSeconds(run: () => tf.Tensor, engine: RunningEngine, clock: Clock): Promise<number> {
  const samples: number[] = [];
  for (let call = 0; call <= CALLS; call++) {
    const seconds = await secondsOf(run, engine, clock);
    if (call > 0) samples.push(seconds); // the first call compiles
  }
  return median(samples);
}

async function secondsOf(run: () => tf.Tensor, engine: RunningEngine, clock: Clock): Promise<number> {
  if (engine.deviceSeconds !== undefined) return engine.deviceSeconds(run);
  const start = clock.now();
  const result = run();
  await engine.synchronise(result);
  const seconds = clock.now() - start;
  result.dispose();
  return seconds;
}
