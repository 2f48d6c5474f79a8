// Batches of a split, whether it lies in memory or is decoded on demand. What is decoded on demand is decoded ahead: the
// next batch while the engine works on this one.

import type { ImageSplit } from "#tasks/datasets/dataset";
import { imageBatch, type ImageBatch, type PixelStatistics, type TrainingOrder } from "#tasks/image-classification/batches";

/** Training batches by position. */
export class TrainingImages {
  readonly #split: ImageSplit;
  readonly #order: TrainingOrder;
  readonly #statistics: PixelStatistics;
  readonly #decoded = new Map<number, Promise<Uint8Array>>();
  readonly #ready = new Map<number, Uint8Array>();

  constructor(split: ImageSplit, order: TrainingOrder, statistics: PixelStatistics) {
    this.#split = split;
    this.#order = order;
    this.#statistics = statistics;
  }

  /** Has the batch at a position in memory, and begins with the one after it. @throws {DataError} a damaged image */
  async prepare(position: number, count: number): Promise<void> {
    if (this.#split.decode === undefined) return;
    this.#ready.set(position, await this.#decode(position, count));
    this.#decoded.delete(position);
    this.#decode(position + count, count).catch(() => undefined); // told when its turn comes
  }

  /** The batch at a position; `prepare` comes before where the split decodes on demand. */
  take(position: number, count: number): ImageBatch {
    const numbers = this.#order.take(position, count);
    const decoded = this.#ready.get(position);
    this.#ready.delete(position);
    return imageBatch(this.#split, numbers, { ...this.#statistics, decoded });
  }

  #decode(position: number, count: number): Promise<Uint8Array> {
    const begun = this.#decoded.get(position) ?? this.#split.decode!(this.#order.take(position, count));
    this.#decoded.set(position, begun);
    return begun;
  }
}

/** Some examples of a split, now. */
export async function exampleBatch(split: ImageSplit, numbers: Int32Array, statistics: PixelStatistics): Promise<ImageBatch> {
  return imageBatch(split, numbers, { ...statistics, decoded: await split.decode?.(numbers) });
}
