// What counting reaches: the unigram predictor, which sees no input, and a model of the neighbours on both sides. A mixer
// that has learned to use context beats the first; one that uses more than its neighbours beats the second.

import { maskWindow, specialTokens, type MaskedWindow } from "./masking.ts";
import { Random } from "#base/random";

/** Counting stops here: more does not fit the maps, and adds little. */
const MOST_COUNTED = 2_000_000;
/** Share of the counted tokens on which the weights of the mixture are found. */
const HELD_OUT = 0.1;
const ITERATIONS = 30;
/** Windows of the held-out part, of the usual length. */
const WINDOW = 128;

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

/** Context of a token: the numbers of its neighbours, undefined where hidden or outside. */
interface Neighbours {
  readonly left: number | undefined;
  readonly right: number | undefined;
  readonly left2: number | undefined;
  readonly right2: number | undefined;
}

/**
 * Interpolated counts: p(w) = Σ_i λ_i p_i(w), over
 *
 *   uniform · unigram · p(w | left) · p(w | right) · p(w | left, right) · p(w | two left) · p(w | two right)
 *
 * A part whose context is hidden or was never seen drops out, and each set of parts that remains has weights of its own,
 * found by expectation maximisation on a held-out tenth of the train text.
 *
 * @source F. Jelinek, R. L. Mercer: Interpolated estimation of Markov source parameters, 1980; here on both sides
 */
export class NeighbourModel {
  readonly #tokens: number;
  readonly #mask: number;
  readonly #unigram: UnigramModel;
  readonly #tables: ContextTable[];
  readonly #weights = new Map<number, readonly number[]>();

  /**
   * @param ids train text, in the numbers of the tokeniser
   * @param share of tokens hidden when the weights are found
   */
  constructor(ids: Int32Array, { tokens, share }: { readonly tokens: number; readonly share: number }) {
    this.#tokens = tokens;
    this.#mask = specialTokens(tokens).mask;
    const counted = ids.subarray(0, MOST_COUNTED);
    const kept = counted.length - Math.ceil(HELD_OUT * counted.length);
    this.#unigram = new UnigramModel(counted.subarray(0, kept), tokens);
    this.#tables = Array.from({ length: 5 }, () => new ContextTable(tokens));
    this.#count(counted, 0, kept);
    this.#findWeights(counted.subarray(kept), share);
    this.#unigram = new UnigramModel(counted, tokens);
    this.#count(counted, kept, counted.length);
  }

  /** −ln p of each asked token of a window. */
  nats({ inputs, positions, targets }: MaskedWindow): number[] {
    return Array.from(positions, (position, i) => {
      const { pattern, parts } = this.#parts(inputs, position, targets[i]!);
      const weights = this.#weights.get(pattern) ?? parts.map(() => 1 / parts.length);
      return -Math.log(parts.reduce((sum, part, at) => sum + weights[at]! * part, 0));
    });
  }

  #count(ids: Int32Array, start: number, end: number): void {
    for (let i = start; i < end; i++)
      this.#contexts(neighboursOf(ids, i, this.#mask)).forEach((context, at) =>
        this.#tables[at]!.add(context, ids[i]!),
      );
  }

  /** One number a table, undefined where a neighbour is not known. */
  #contexts({ left, right, left2, right2 }: Neighbours): (number | undefined)[] {
    const pair = (a: number | undefined, b: number | undefined) =>
      a === undefined || b === undefined ? undefined : a * this.#tokens + b;
    return [left, right, pair(left, right), pair(left2, left), pair(right2, right)];
  }

  /** Probabilities of a token by the parts that apply, and which these are, as bits. */
  #parts(
    inputs: Int32Array,
    position: number,
    target: number,
  ): { readonly pattern: number; readonly parts: readonly number[] } {
    const parts = [1 / this.#tokens, this.#unigram.probability(target)];
    let pattern = 0;
    this.#contexts(neighboursOf(inputs, position, this.#mask)).forEach((context, at) => {
      const probability = this.#tables[at]!.probability(context, target);
      if (probability === undefined) return;
      parts.push(probability);
      pattern |= 1 << at;
    });
    return { pattern, parts };
  }

  #findWeights(heldOut: Int32Array, share: number): void {
    const seen = new Map<number, (readonly number[])[]>();
    const random = new Random(0).fork("neighbour model");
    for (let start = 0; start + WINDOW <= heldOut.length; start += WINDOW) {
      const window = maskWindow(
        heldOut.subarray(start, start + WINDOW),
        { share, replacement: "mask" },
        { tokens: this.#tokens, random },
      );
      window.positions.forEach((position, i) => {
        const { pattern, parts } = this.#parts(window.inputs, position, window.targets[i]!);
        if (!seen.has(pattern)) seen.set(pattern, []);
        seen.get(pattern)!.push(parts);
      });
    }
    for (const [pattern, rows] of seen) this.#weights.set(pattern, mixtureWeights(rows));
  }
}

function neighboursOf(ids: Int32Array, position: number, mask: number): Neighbours {
  const at = (i: number) => (i < 0 || i >= ids.length || ids[i] === mask ? undefined : ids[i]);
  return { left: at(position - 1), right: at(position + 1), left2: at(position - 2), right2: at(position + 2) };
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
class ContextTable {
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

  /** Undefined for a context that is hidden or was never seen. */
  probability(context: number | undefined, token: number): number | undefined {
    const total = context === undefined ? undefined : this.#totals.get(context);
    return total === undefined ? undefined : (this.#counts.get(context! * this.#tokens + token) ?? 0) / total;
  }
}
