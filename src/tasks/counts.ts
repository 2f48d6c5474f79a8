// Counting tokens, alone and by what stands around them: what language models have to beat.

const ITERATIONS = 30;
/** Counting stops here: more does not fit the maps, and adds little. */
export const MOST_COUNTED = 2_000_000;
/** Share of the counted tokens on which the weights of a mixture are found. */
const HELD_OUT = 0.1;

/** The tokens that are counted, and those of them that weights are found on. */
export function countedParts(ids: Int32Array): { readonly counted: Int32Array; readonly kept: number } {
  const counted = ids.subarray(0, MOST_COUNTED);
  return { counted, kept: counted.length - Math.ceil(HELD_OUT * counted.length) };
}

/** Frequencies of tokens, one added to each count, so that an unseen token costs finitely many nats. */
export class UnigramModel {
  readonly #counts: Float64Array;
  readonly #total: number;

  constructor(ids: Int32Array, tokens: number) {
    this.#counts = new Float64Array(tokens).fill(1);
    for (const id of ids) this.#counts[id]!++;
    this.#total = ids.length + tokens;
  }

  probability(target: number): number {
    return this.#counts[target]! / this.#total;
  }
}

/** Weights of mixtures of predictors, a set of its own for each situation: p = Σ_i λ_i p_i. */
export class Mixtures {
  readonly #weights = new Map<number, readonly number[]>();

  /** @param rows by situation, the probabilities that each part gave to a held-out token */
  constructor(rows: ReadonlyMap<number, readonly (readonly number[])[]>) {
    for (const [situation, seen] of rows) this.#weights.set(situation, mixtureWeights(seen));
  }

  /** −ln p of a token; equal weights where a situation was never met. */
  nats(situation: number, parts: readonly number[]): number {
    const weights = this.#weights.get(situation) ?? parts.map(() => 1 / parts.length);
    return -Math.log(parts.reduce((sum, part, at) => sum + weights[at]! * part, 0));
  }
}

/** Expectation maximisation of λ in Σ_rows ln Σ_i λ_i row_i, from equal weights; one row is added, shared by all parts. */
function mixtureWeights(rows: readonly (readonly number[])[]): number[] {
  const parts = rows[0]!.length;
  let weights = new Array<number>(parts).fill(1 / parts);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const counts = new Array<number>(parts).fill(1 / parts);
    for (const row of rows) {
      const total = row.reduce((sum, part, i) => sum + weights[i]! * part, 0);
      row.forEach((part, i) => (counts[i]! += (weights[i]! * part) / total));
    }
    weights = counts.map((count) => count / (rows.length + 1));
  }
  return weights;
}

/** Counts of tokens by context. */
export class ContextTable {
  readonly #tokens: number;
  readonly #totals = new Map<number, number>();
  readonly #counts = new Map<number, number>();

  constructor(tokens: number) {
    this.#tokens = tokens;
  }

  add(context: number | undefined, token: number): void {
    if (context === undefined) return;
    const key = context * this.#tokens + token;
    this.#totals.set(context, (this.#totals.get(context) ?? 0) + 1);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** How often a context was seen. */
  total(context: number | undefined): number {
    return context === undefined ? 0 : (this.#totals.get(context) ?? 0);
  }

  /** Undefined for a context that is hidden or was never seen. */
  probability(context: number | undefined, token: number): number | undefined {
    const total = context === undefined ? undefined : this.#totals.get(context);
    return total === undefined ? undefined : (this.#counts.get(context! * this.#tokens + token) ?? 0) / total;
  }
}
