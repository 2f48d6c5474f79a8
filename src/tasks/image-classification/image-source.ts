// Batches of a split, whether it lies in memory or is decoded on demand. What is decoded on demand is decoded ahead: the
// next batch while the engine works on this one.

import type { Random } from "#base/random";
import type { ChoosePart, ImageSplit } from "#data/sets/dataset";
import { drawCrop } from "./augment-image.ts";
import { imageBatch, type ImageBatch, type PixelStatistics, type TrainingOrder } from "#data/batches";

/** How enlarged crops are cut out of whole photographs as they are decoded. */
export interface PhotographCrops {
  /** least share of a photograph's area */
  readonly area: number;
  /** by position in the order, so that a resumed run cuts the same */
  readonly random: Random;
}

export interface TrainingImagesOptions {
  readonly order: TrainingOrder;
  readonly statistics: PixelStatistics;
  /** of a split that is decoded on demand */
  readonly crops?: PhotographCrops | undefined;
}

/** Training batches by position. */
export class TrainingImages {
  readonly #split: ImageSplit;
  readonly #order: TrainingOrder;
  readonly #statistics: PixelStatistics;
  readonly #crops: PhotographCrops | undefined;
  readonly #decoded = new Map<number, Promise<Uint8Array>>();
  readonly #ready = new Map<number, Uint8Array>();

  constructor(split: ImageSplit, { order, statistics, crops }: TrainingImagesOptions) {
    this.#split = split;
    this.#order = order;
    this.#statistics = statistics;
    this.#crops = crops;
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
    const begun =
      this.#decoded.get(position) ?? this.#split.decode!(this.#order.take(position, count), this.#partsFrom(position));
    this.#decoded.set(position, begun);
    return begun;
  }

  #partsFrom(position: number): ChoosePart | undefined {
    if (this.#crops === undefined) return undefined;
    const { area, random } = this.#crops;
    return (item, { height, width }) => drawCrop(random.fork(`position ${position + item}`), [height, width, 3], area);
  }
}

/** Some examples of a split, now. */
export async function exampleBatch(
  split: ImageSplit,
  numbers: Int32Array,
  statistics: PixelStatistics,
): Promise<ImageBatch> {
  return imageBatch(split, numbers, { ...statistics, decoded: await split.decode?.(numbers) });
}
