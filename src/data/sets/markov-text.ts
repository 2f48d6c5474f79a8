// A text whose entropy is known exactly: a Markov source over letters, made on the spot. A model's loss minus the entropy
// rate is what it has left to learn.
//
// The next letter follows the last two: P(c | a, b) ∝ exp(u[a, c] + v[b, c]), with u and v drawn once for all.

import { Random } from "#base/random";
import type { TextDataset } from "./dataset.ts";

const LETTERS = "abcdefghijklmnop";
/** Deviations of u (the letter before the last) and v (the last): a predictor of the last letter alone falls short. */
const INFLUENCE = { before: 1.6, last: 1.6 } as const;
const TRAIN = 400_000;
const HELD_OUT = 20_000;
const LABEL = "Markov text (order 2, 16 letters)";

/** An order-2 source over A letters. */
export class MarkovSource {
  readonly letters: number;
  /** [A·A, A]: row a·A + b is the distribution of the letter after a, b */
  readonly transitions: Float64Array;
  /** [A·A]: how often the last two letters are a, b in the long run */
  readonly stationary: Float64Array;

  constructor(letters: number, random: Random) {
    this.letters = letters;
    this.transitions = drawTransitions(letters, random);
    this.stationary = stationaryOf(this.transitions, letters);
  }

  /** Σ_s π(s) Σ_c −P(c|s) ln P(c|s), in nats a letter. */
  entropyRate(): number {
    const A = this.letters;
    return this.transitions.reduce(
      (sum, p, at) => sum - this.stationary[Math.floor(at / A)]! * (p === 0 ? 0 : p * Math.log(p)),
      0,
    );
  }

  /** `length` letters, the first two from the stationary distribution. */
  sample(length: number, random: Random): Uint8Array {
    const A = this.letters;
    const drawn = new Uint8Array(length);
    let state = drawFrom(this.stationary, random);
    for (let t = 0; t < length; t++) {
      const next =
        t === 0
          ? Math.floor(state / A)
          : t === 1
            ? state % A
            : drawFrom(this.transitions.subarray(state * A, (state + 1) * A), random);
      if (t > 1) state = (state % A) * A + next;
      drawn[t] = next;
    }
    return drawn;
  }
}

function drawTransitions(A: number, random: Random): Float64Array {
  const u = random.fork("before").normals(A * A, INFLUENCE.before);
  const v = random.fork("last").normals(A * A, INFLUENCE.last);
  const transitions = new Float64Array(A ** 3);
  for (let state = 0; state < A * A; state++) {
    const [before, last] = [Math.floor(state / A), state % A];
    const weights = Array.from({ length: A }, (_, next) => Math.exp(u[before * A + next]! + v[last * A + next]!));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    weights.forEach((weight, next) => (transitions[state * A + next] = weight / total));
  }
  return transitions;
}

/** The distribution of the last two letters that one more letter leaves as it is, by repeated steps from the uniform one. */
function stationaryOf(transitions: Float64Array, A: number): Float64Array {
  let now = new Float64Array(A * A).fill(1 / (A * A));
  for (let round = 0; round < 1000; round++) {
    const next = new Float64Array(A * A);
    for (let at = 0; at < A ** 3; at++) {
      const state = Math.floor(at / A);
      next[(state % A) * A + (at % A)]! += now[state]! * transitions[at]!;
    }
    const change = next.reduce((most, p, state) => Math.max(most, Math.abs(p - now[state]!)), 0);
    now = next;
    if (change < 1e-15) break;
  }
  return now;
}

function drawFrom(distribution: Float64Array, random: Random): number {
  let left = random.uniform();
  for (let i = 0; i < distribution.length; i++) {
    left -= distribution[i]!;
    if (left < 0) return i;
  }
  return distribution.length - 1; // rounding
}

/** Markov text: 400 000 letters to train, 20 000 to validate and to test; the same on every machine. */
export const markovText: TextDataset = {
  id: "markov-text",
  kind: "text",
  title: "procedural text with known entropy",
  synthetic: true,
  provenance: "made by this program (src/data/sets/markov-text.ts), nothing read",
  licence: "MIT, as this program",
  find: () => ({ available: true, label: LABEL }),
  load() {
    const random = new Random(1906); // the year of Markov's first paper on chains
    const source = new MarkovSource(LETTERS.length, random.fork("source"));
    const text = (split: string, length: number) =>
      Array.from(source.sample(length, random.fork(split)), (letter) => LETTERS[letter]).join("");
    return {
      label: LABEL,
      synthetic: true,
      train: text("train", TRAIN),
      validation: text("validation", HELD_OUT),
      test: text("test", HELD_OUT),
      entropyNatsPerCharacter: source.entropyRate(),
    };
  },
};
