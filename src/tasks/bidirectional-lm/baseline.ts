// What counting reaches: a model of the neighbours on both sides. A mixer that uses more than its neighbours beats it.

import { Random } from "#base/random";
import { ContextTable, countedParts, Mixtures, UnigramModel } from "../counts.ts";
import { maskWindow, specialTokens, type MaskedWindow } from "./masking.ts";

/** Windows of the held-out part, of the usual length. */
const WINDOW = 128;

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
  readonly #mixtures: Mixtures;

  /**
   * @param ids train text, in the numbers of the tokeniser
   * @param share of tokens hidden when the weights are found
   */
  constructor(ids: Int32Array, { tokens, share }: { readonly tokens: number; readonly share: number }) {
    this.#tokens = tokens;
    this.#mask = specialTokens(tokens).mask;
    const { counted, kept } = countedParts(ids);
    this.#unigram = new UnigramModel(counted.subarray(0, kept), tokens);
    this.#tables = Array.from({ length: 5 }, () => new ContextTable(tokens));
    this.#count(counted, 0, kept);
    this.#mixtures = this.#mixturesOn(counted.subarray(kept), share);
    this.#unigram = new UnigramModel(counted, tokens);
    this.#count(counted, kept, counted.length);
  }

  /** −ln p of each asked token of a window. */
  nats({ inputs, positions, targets }: MaskedWindow): number[] {
    return Array.from(positions, (position, i) => {
      const { pattern, parts } = this.#parts(inputs, position, targets[i]!);
      return this.#mixtures.nats(pattern, parts);
    });
  }

  #count(ids: Int32Array, start: number, end: number): void {
    for (let i = start; i < end; i++)
      this.#contexts(neighboursOf(ids, i, this.#mask)).forEach((context, at) =>
        this.#tables[at]!.add(context, ids[i]!),
      );
  }

  /** One number per table, undefined where a neighbour is not known. */
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

  #mixturesOn(heldOut: Int32Array, share: number): Mixtures {
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
    return new Mixtures(seen);
  }
}

function neighboursOf(ids: Int32Array, position: number, mask: number): Neighbours {
  const at = (i: number) => (i < 0 || i >= ids.length || ids[i] === mask ? undefined : ids[i]);
  return { left: at(position - 1), right: at(position + 1), left2: at(position - 2), right2: at(position + 2) };
}
