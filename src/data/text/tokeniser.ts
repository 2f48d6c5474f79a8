// Tokenisers: text into token numbers and back. What a tokeniser knows, it has from the train split alone.

/** The target of a position that is not scored. */
export const NOT_SCORED = -1;

export interface Tokeniser {
  /** "char", "byte", "word", "bpe-1000" */
  readonly id: string;
  /** number of tokens; ids are 0 to vocabulary − 1, and a task's own special tokens may follow from there */
  readonly vocabulary: number;
  encode(text: string): Int32Array<ArrayBuffer>;
  /** The text again; what the tokeniser does not know comes back as its mark for unknown. */
  decode(ids: ArrayLike<number>): string;
}
