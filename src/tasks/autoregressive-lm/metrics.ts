// Scores of next-token prediction: nats added up over the scored tokens, and what they come to in other units.

/** What the scored tokens amount to in units that do not depend on the tokeniser. */
export interface TextExtent {
  readonly tokens: number;
  readonly characters?: number;
  readonly bytes?: number;
  /** words and one <eos> a line, as WikiText's perplexities are counted */
  readonly words?: number;
  /** of the source, where it is known exactly */
  readonly entropyNatsPerCharacter?: number | undefined;
}

/**
 * `loss` (nats a token), `perplexity` (e^loss), `bitsPerCharacter`, `bitsPerByte`, `wordPerplexity` (e^(nats a word)) and
 * `natsAboveOptimum` (nats a character minus the source's entropy rate), those whose extent is known.
 */
export function textScores(
  nats: number,
  { tokens, characters, bytes, words, entropyNatsPerCharacter }: TextExtent,
): Record<string, number> {
  const loss = nats / tokens;
  return {
    loss,
    perplexity: Math.exp(loss),
    ...(characters === undefined ? {} : { bitsPerCharacter: nats / characters / Math.LN2 }),
    ...(bytes === undefined ? {} : { bitsPerByte: nats / bytes / Math.LN2 }),
    ...(words === undefined ? {} : { wordPerplexity: Math.exp(nats / words) }),
    ...(characters === undefined || entropyNatsPerCharacter === undefined
      ? {}
      : { natsAboveOptimum: nats / characters - entropyNatsPerCharacter }),
  };
}

/** Positions of a window in groups that grow fourfold: 0 to 15, 16 to 63, 64 to 255, … */
export function positionGroup(position: number): { readonly from: number; readonly to: number } {
  let [from, to] = [0, 16];
  while (position >= to) [from, to] = [to, 4 * to];
  return { from, to };
}

/** Running sums over scored windows. */
export class NextTokenScores {
  readonly #context: number;
  /** nats a token of each window */
  readonly windows: number[] = [];
  #nats = 0;
  #tokens = 0;
  readonly #groups = new Map<string, { nats: number; tokens: number }>();

  constructor(context: number) {
    this.#context = context;
  }

  /**
   * @param nats [windows, context], 0 where not scored
   * @param targets [windows, context], −1 where not scored
   */
  add(nats: ArrayLike<number>, targets: Int32Array): void {
    const N = this.#context;
    for (let start = 0; start < targets.length; start += N) {
      let [sum, tokens] = [0, 0];
      for (let position = 0; position < N; position++) {
        if (targets[start + position]! < 0) continue;
        const cost = nats[start + position]!;
        sum += cost;
        tokens++;
        this.#addTo(position, cost);
      }
      this.windows.push(sum / tokens);
      this.#nats += sum;
      this.#tokens += tokens;
    }
  }

  #addTo(position: number, cost: number): void {
    const { from, to } = positionGroup(position);
    const name = `loss.tokens${from}-${Math.min(to, this.#context) - 1}`;
    const group = this.#groups.get(name) ?? { nats: 0, tokens: 0 };
    this.#groups.set(name, { nats: group.nats + cost, tokens: group.tokens + 1 });
  }

  /** All scores; `loss.tokens16-63` and so on are the loss at these positions of the window, counted from 0. */
  totals(extent: Omit<TextExtent, "tokens">): Record<string, number> {
    const byPosition = [...this.#groups].map(([name, { nats, tokens }]) => [name, nats / tokens] as const);
    return { ...textScores(this.#nats, { ...extent, tokens: this.#tokens }), ...Object.fromEntries(byPosition) };
  }
}

/** Nats that the frequencies of the train tokens, each counted once more, take for the scored tokens. */
export function unigramNats(train: Int32Array, scored: Int32Array, vocabulary: number): number {
  const counts = new Float64Array(vocabulary).fill(1);
  for (const id of train) counts[id]!++;
  const total = train.length + vocabulary;
  return scored.reduce((nats, id) => nats - Math.log(counts[id]! / total), 0);
}
