// What a data set is, by kind. Declarations are cheap and look at file names only; pixels and texts come from `load`.

import { UsageError } from "#base/errors";
import type { DataSource } from "../source.ts";

/** A rectangle of pixels. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Which part of an image is wanted, once its size is known: the item's place among those asked for. Undefined: the usual one. */
export type ChoosePart = (item: number, size: Pick<Box, "height" | "width">) => Box | undefined;

export interface ImageSplit {
  readonly count: number;
  /** extents of one image along its axes (rows, columns; frames first where there are any), then channels */
  readonly shape: readonly number[];
  /** [count, ...shape], 0 to 255; reading it throws where images are decoded on demand */
  readonly pixels: Uint8Array;
  /** [count], class numbers from 0 */
  readonly labels: Uint8Array | Uint16Array;
  /**
   * Of a split too large to be held: decodes the images of these numbers, [numbers.length, ...shape].
   *
   * @param choosePart cuts each image out of its whole photograph, instead of what the split shows of it
   * @throws {DataError} one of them is damaged
   */
  readonly decode?: (numbers: ArrayLike<number>, choosePart?: ChoosePart) => Promise<Uint8Array>;
}

/** A split whose images are decoded when they are asked for. */
export function onDemandSplit(split: Required<Omit<ImageSplit, "pixels">>): ImageSplit {
  return {
    ...split,
    get pixels(): Uint8Array {
      throw new UsageError(
        "This data set decodes its images on demand, and this task needs all of them in memory. Take one of the smaller data sets.",
      );
    },
  };
}

export interface ImageData {
  /** what the data are, subset and all: "MNIST", "Fashion-MNIST (train first5000)" */
  readonly label: string;
  readonly synthetic: boolean;
  readonly classes: readonly string[];
  readonly train: ImageSplit;
  readonly test: ImageSplit;
}

/** Whether a data set is here; when not, why not and where it was looked for. */
export type Found =
  | { readonly available: true; readonly label: string }
  | { readonly available: false; readonly label: string; readonly reason: string };

/** What every kind of data set declares. */
export interface DatasetFacts {
  readonly id: string;
  readonly title: string;
  readonly synthetic: boolean;
  /** where the data come from */
  readonly provenance: string;
  readonly licence: string;
  /** the files it is read from; absent: made by this program */
  readonly source?: DataSource;
  /** Looks for the files; reads folder listings, never contents. */
  find(dataDir: string | undefined): Found;
}

/** Labelled images or volumes. */
export interface ImageDataset extends DatasetFacts {
  readonly kind: "images";
  /** axes, then channels: known without loading, so that models can be counted */
  readonly imageShape: readonly number[];
  readonly classes: readonly string[];
  /** @throws {DataError} a file is missing, truncated, damaged or not what its name says */
  load(dataDir: string | undefined): ImageData;
}

/** Encoded images, too many to be held: read when they are asked for. */
export interface LatentSplit {
  readonly count: number;
  /** [count], class numbers from 0 */
  readonly labels: Uint16Array;
  /**
   * Latents of these numbers, [numbers.length, ...latentShape], as a denoiser takes them.
   *
   * @throws {DataError} a file has changed since it was listed, or holds values that are no numbers
   */
  values(numbers: ArrayLike<number>): Float32Array<ArrayBuffer>;
}

export interface LatentData {
  readonly label: string;
  readonly synthetic: boolean;
  readonly train: LatentSplit;
  readonly test: LatentSplit;
}

/** Images encoded by an autoencoder beforehand. */
export interface LatentDataset extends DatasetFacts {
  readonly kind: "latents";
  /** rows, columns, channels */
  readonly latentShape: readonly number[];
  readonly classes: readonly string[];
  /** @throws {DataError} a file is missing, truncated, damaged or not what its name says */
  load(dataDir: string | undefined): LatentData;
}

export interface TextData {
  /** what the data are, subset and all: "WikiText-2 (valid to train)" */
  readonly label: string;
  readonly synthetic: boolean;
  readonly train: string;
  /** empty where the source has none; the last tenth of the train text is held out where one is needed */
  readonly validation: string;
  readonly test: string;
  /** words are apart by spaces and lines end with <eos>, so that perplexity a word is comparable (WikiText) */
  readonly wordLevel?: boolean;
  /** of a source whose distribution is known exactly */
  readonly entropyNatsPerCharacter?: number;
}

/** Running text in three splits. */
export interface TextDataset extends DatasetFacts {
  readonly kind: "text";
  /** @throws {DataError} a file is missing, truncated, damaged or not what its name says */
  load(dataDir: string | undefined): TextData;
}

/** One sentence or two, with a class number or a real value. */
export interface LabelledSentences {
  readonly first: readonly string[];
  /** absent for tasks on single sentences */
  readonly second?: readonly string[];
  readonly labels: Float32Array;
}

export interface SentenceData {
  readonly label: string;
  readonly synthetic: boolean;
  /** absent: the label is a real value */
  readonly classes?: readonly string[];
  readonly train: LabelledSentences;
  readonly test: LabelledSentences;
}

/** Sentences or pairs of sentences to be judged (GLUE). */
export interface SentenceDataset extends DatasetFacts {
  readonly kind: "sentences";
  /** @throws {DataError} a file is missing, truncated, damaged or not what its name says */
  load(dataDir: string | undefined): SentenceData;
}

/** Token sequences drawn without end, each position with a target or none. */
export interface SequenceBatch {
  /** [count, tokens] */
  readonly inputs: Int32Array;
  /** [count, tokens], −1 where nothing is asked */
  readonly targets: Int32Array;
  /** [count, tokens], cells from each question to its answer; 0 where nothing is asked */
  readonly distances: Int32Array;
  /** [count], how many things a sequence holds that may be asked: pairs, tokens to be copied */
  readonly items: Int32Array;
}

/** Procedural token sequences: recall, induction, copying. */
export interface SequenceDataset extends DatasetFacts {
  readonly kind: "sequences";
  readonly tokens: number;
  /** how the tokens stand: [tokens], or the rows and columns of a two-dimensional variant */
  readonly grid: readonly number[];
  readonly vocabulary: number;
  /** accuracy of the best constant guess, exactly */
  readonly chance: number;
  /** whether every answer stands before its question, so that causal models can be asked */
  readonly isCausal: boolean;
  /** Sequences `position` to `position + count` of a split's endless list: the same on every machine. */
  draw(split: "train" | "validation" | "test", position: number, count: number): SequenceBatch;
}

export type Dataset = ImageDataset | LatentDataset | TextDataset | SentenceDataset | SequenceDataset;
export type DatasetKind = Dataset["kind"];

/** The first `limit` examples of a split, sharing its memory; the split itself when it has no more. */
export function firstExamples(split: ImageSplit, limit: number | undefined): ImageSplit {
  return limit === undefined || limit >= split.count ? split : examplesBetween(split, 0, limit);
}

/** Share of the training examples that is held out where a run is scored on validation. */
const VALIDATION_SHARE = 0.1;

/** Training examples that are left where the last tenth is held out: learning rates are chosen on it, never on the test split. */
export function keptOf(count: number): number {
  return count - Math.ceil(VALIDATION_SHARE * count);
}

/** The training split without its last tenth, and that tenth. */
export function heldOut(train: ImageSplit): { readonly train: ImageSplit; readonly validation: ImageSplit } {
  const kept = keptOf(train.count);
  return { train: examplesBetween(train, 0, kept), validation: examplesBetween(train, kept, train.count) };
}

function examplesBetween(split: ImageSplit, start: number, end: number): ImageSplit {
  const { shape, decode } = split;
  const [count, labels] = [end - start, split.labels.subarray(start, end)];
  if (decode !== undefined)
    return onDemandSplit({
      count,
      shape,
      labels,
      decode: (numbers, choosePart) =>
        decode(
          Array.from(numbers, (number) => start + number),
          choosePart,
        ),
    });
  const pixelsEach = shape.reduce((product, extent) => product * extent, 1);
  return { count, shape, pixels: split.pixels.subarray(start * pixelsEach, end * pixelsEach), labels };
}
