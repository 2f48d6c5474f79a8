// What counting reaches: an interpolated n-gram of the train text. A mixer that uses more than the last few tokens beats it.

import { ContextTable, countedParts, Mixtures, UnigramModel } from "../counts.ts";

/** Tokens of context at most; fewer where their numbers would not fit into one. */
const MOST_ORDER = 4;
/** Contexts are told apart by how often they were seen, in doublings up to this. */
const MOST_DOUBLINGS = 7;

/**
 * Nats that interpolated counts take for the tokens of a text from the second on:
 *
 *   p(w) = λ_u / V + λ_0 p(w) + Σ_k λ_k p(w | k tokens before)
 *
 * Parts whose context was never seen drop out. Weights are found by expectation maximisation on a held-out tenth of the
 * counted train text, one set for each length of the longest context seen and each doubling of how often it was seen.
 *
 * @param count tokens of `scored` that are asked, after the first
 * @source F. Jelinek, R. L. Mercer: Interpolated estimation of Markov source parameters, 1980
 */
export function ngramNats(
  train: Int32Array,
  scored: Int32Array,
  { vocabulary, count }: { readonly vocabulary: number; readonly count: number },
): number {
  const order = orderFor(vocabulary);
  const { counted, kept } = countedParts(train);
  const tables = Array.from({ length: order }, () => new ContextTable(vocabulary));
  const learn = (start: number, end: number) => {
    for (let at = start; at < end; at++)
      tables.forEach((table, i) => table.add(contextOf(counted, at, i + 1, vocabulary), counted[at]!));
  };
  const partsAt = (ids: Int32Array, at: number, unigram: UnigramModel) => {
    const parts = [1 / vocabulary, unigram.probability(ids[at]!)];
    let situation = 0;
    for (const [i, table] of tables.entries()) {
      const context = contextOf(ids, at, i + 1, vocabulary);
      const probability = table.probability(context, ids[at]!);
      if (probability === undefined) break; // a longer one was not seen either
      parts.push(probability);
      situation = (i + 1) * 16 + Math.min(MOST_DOUBLINGS, Math.floor(Math.log2(table.total(context))));
    }
    return { parts, situation };
  };
  learn(0, kept);
  const before = new UnigramModel(counted.subarray(0, kept), vocabulary);
  const seen = new Map<number, (readonly number[])[]>();
  for (let at = kept; at < counted.length; at++) {
    const { parts, situation } = partsAt(counted, at, before);
    if (!seen.has(situation)) seen.set(situation, []);
    seen.get(situation)!.push(parts);
  }
  const mixtures = new Mixtures(seen);
  learn(kept, counted.length);
  const unigram = new UnigramModel(counted, vocabulary);
  let nats = 0;
  for (let at = 1; at <= count; at++) {
    const { parts, situation } = partsAt(scored, at, unigram);
    nats += mixtures.nats(situation, parts);
  }
  return nats;
}

/** The longest context whose number, with the token behind it, is exact in float64. */
function orderFor(vocabulary: number): number {
  return Math.min(MOST_ORDER, Math.floor(Math.log(Number.MAX_SAFE_INTEGER) / Math.log(vocabulary)) - 1);
}

/** Number of the `length` tokens before a place; undefined where there are fewer. */
function contextOf(ids: Int32Array, at: number, length: number, vocabulary: number): number | undefined {
  if (at < length) return undefined;
  let context = 0;
  for (let i = at - length; i < at; i++) context = context * vocabulary + ids[i]!;
  return context;
}
