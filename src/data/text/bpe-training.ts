// Learning the merges of a byte pair encoding. Counts of pairs are kept up to date word by word, so that a merge costs
// what the words that hold its pair cost, and not a pass over the text.

export type Pair = readonly [left: number, right: number];

export interface CountedWord {
  symbols: number[];
  readonly count: number;
}

const SHIFT = 2 ** 22;

/** Both tokens of a pair as one number, in the order of the pairs; tokens are below 2^22. */
export function pairKey(left: number, right: number): number {
  return left * SHIFT + right;
}

/**
 * The most frequent pair becomes a token, again and again; of equally frequent ones the one with the smaller tokens, the
 * left one first. Ends early when no pair comes twice.
 *
 * @param words distinct words as bytes, with how often they come; their symbols are replaced as pairs merge
 * @returns at most `most` merges; merge i makes token 256 + i
 */
export function learnMerges(words: readonly CountedWord[], most: number): Pair[] {
  const pairs = new PairCounts();
  words.forEach(({ symbols, count }, word) => pairs.add(symbols, word, count));
  const merges: Pair[] = [];
  while (merges.length < most) {
    const key = pairs.takeMostFrequent();
    if (key === undefined) break;
    const pair: Pair = [Math.floor(key / SHIFT), key % SHIFT];
    for (const number of pairs.wordsWith(key)) {
      const word = words[number]!;
      const next = withMerged(word.symbols, pair, 256 + merges.length);
      pairs.remove(word.symbols, word.count);
      pairs.add(next, number, word.count);
      word.symbols = next;
    }
    pairs.drop(key);
    merges.push(pair);
  }
  return merges;
}

/** Every occurrence of the pair replaced, from the left. */
export function withMerged(symbols: readonly number[], [left, right]: Pair, token: number): number[] {
  const next: number[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const isPair = symbols[i] === left && symbols[i + 1] === right;
    next.push(isPair ? token : symbols[i]!);
    if (isPair) i++;
  }
  return next;
}

interface Entry {
  readonly key: number;
  readonly count: number;
}

/** How often each pair comes, in which words, and which comes most often (a heap whose stale entries are dropped late). */
class PairCounts {
  readonly #counts = new Map<number, number>();
  readonly #words = new Map<number, Set<number>>();
  readonly #changed = new Set<number>();
  readonly #heap: Entry[] = [];

  add(symbols: readonly number[], word: number, count: number): void {
    this.#each(symbols, count, (key) => {
      const words = this.#words.get(key);
      if (words === undefined) this.#words.set(key, new Set([word]));
      else words.add(word);
    });
  }

  remove(symbols: readonly number[], count: number): void {
    this.#each(symbols, -count, () => undefined);
  }

  #each(symbols: readonly number[], change: number, visit: (key: number) => void): void {
    for (let i = 0; i + 1 < symbols.length; i++) {
      const key = pairKey(symbols[i]!, symbols[i + 1]!);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + change);
      this.#changed.add(key);
      visit(key);
    }
  }

  /** Words that hold the pair, or held it once. */
  wordsWith(key: number): readonly number[] {
    return [...(this.#words.get(key) ?? [])];
  }

  drop(key: number): void {
    this.#words.delete(key);
    this.#counts.delete(key);
  }

  /** The key of the pair that comes most often, twice at least. */
  takeMostFrequent(): number | undefined {
    for (const key of this.#changed) this.#push({ key, count: this.#counts.get(key) ?? 0 });
    this.#changed.clear();
    for (;;) {
      const top = this.#pop();
      if (top === undefined || top.count < 2) return undefined;
      if (this.#counts.get(top.key) === top.count) return top.key;
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!comesBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < heap.length && comesBefore(heap[child + 1]!, heap[child]!)) child++;
      if (child >= heap.length || !comesBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function comesBefore(a: Entry, b: Entry): boolean {
  return a.count > b.count || (a.count === b.count && a.key < b.key);
}
