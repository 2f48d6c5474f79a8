// What a data set of labelled images is. Declarations are cheap and look at file names only; pixels come from `load`.

export interface ImageSplit {
  readonly count: number;
  /** rows, columns, channels of one image */
  readonly shape: readonly [height: number, width: number, channels: number];
  /** [count, height, width, channels], 0 to 255 */
  readonly pixels: Uint8Array;
  /** [count], class numbers from 0 */
  readonly labels: Uint8Array;
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

export interface SourceFile {
  readonly name: string;
  /** sha256 of the content after gunzip, where a complete official file is known */
  readonly sha256?: string;
}

export interface ImageDataset {
  readonly id: string;
  readonly title: string;
  readonly kind: "images";
  readonly synthetic: boolean;
  /** where the data come from */
  readonly provenance: string;
  readonly licence: string;
  /** rows, columns, channels: known without loading, so that models can be counted */
  readonly imageShape: readonly [number, number, number];
  readonly classes: readonly string[];
  readonly files: readonly SourceFile[];
  /** Looks for the files; reads folder listings, never contents. */
  find(dataDir: string | undefined): Found;
  /** @throws {DataError} a file is missing, truncated, damaged or not what its name says */
  load(dataDir: string | undefined): ImageData;
}

/** The first `limit` examples of a split, sharing its memory; the split itself when it has no more. */
export function firstExamples(split: ImageSplit, limit: number | undefined): ImageSplit {
  if (limit === undefined || limit >= split.count) return split;
  const pixelsEach = split.shape[0] * split.shape[1] * split.shape[2];
  return {
    count: limit,
    shape: split.shape,
    pixels: split.pixels.subarray(0, limit * pixelsEach),
    labels: split.labels.subarray(0, limit),
  };
}
