// How a label names what is not the whole of a split: results on a part are results of another data set.

/** What a split holds, against what the official one holds. */
export interface SplitPart {
  /** the word in a file's name that tells a subset */
  readonly subset?: string | undefined;
  readonly found: number;
  readonly official: number;
  /** of what is counted; default nothing: "train 50 of 10000" */
  readonly unit?: string | undefined;
}

/** "train first5000" by its word, or "train 50 of 10000" where its name says nothing; undefined for the whole. */
export function partOf(split: string, { subset, found, official, unit }: SplitPart): string | undefined {
  if (subset !== undefined) return `${split} ${subset}`;
  return found < official ? `${split} ${found} of ${official}${unit === undefined ? "" : ` ${unit}`}` : undefined;
}

/** "MNIST (train first12, test 50 of 10000)", or the title alone. */
export function labelWith(title: string, parts: readonly (string | undefined)[]): string {
  const named = parts.filter((part) => part !== undefined);
  return named.length === 0 ? title : `${title} (${named.join(", ")})`;
}
