// Scores of recall: over all questions, by how much a sequence holds, and by how far away the answer stands.

import { ClassificationScores } from "../image-classification/metrics.ts";

/** What is known of one question. */
export interface Question {
  /** token that is right */
  readonly answer: number;
  /** things that its sequence holds */
  readonly items: number;
  /** cells to the answer */
  readonly distance: number;
}

/** Running scores: add logits of questions, read the totals. */
export class RecallScores {
  readonly #whole: ClassificationScores;
  readonly #parts = new Map<string, { right: number; asked: number }>();

  constructor(vocabulary: number) {
    this.#whole = new ClassificationScores(vocabulary);
  }

  /** @param logits [questions, vocabulary] */
  add(logits: Float32Array, questions: readonly Question[]): void {
    const first = this.#whole.top1Items.length;
    this.#whole.add(
      logits,
      questions.map(({ answer }) => answer),
    );
    questions.forEach(({ items, distance }, i) => {
      for (const part of [`items${items}`, `distance${distanceBucket(distance)}`]) {
        const known = this.#parts.get(part) ?? { right: 0, asked: 0 };
        this.#parts.set(part, { right: known.right + this.#whole.top1Items[first + i]!, asked: known.asked + 1 });
      }
    });
  }

  /** 1 or 0 for each question. */
  get items(): readonly number[] {
    return this.#whole.top1Items;
  }

  /** `accuracy`; `loss` in nats a question; `accuracy.items8` and `accuracy.distance4-7` and so on, in rising order. */
  totals(): Record<string, number> {
    const { top1, loss } = this.#whole.totals() as { top1: number; loss: number };
    const parts = [...this.#parts].sort(([a], [b]) => numberIn(a) - numberIn(b) || a.localeCompare(b));
    const kinds = ["items", "distance"].flatMap((kind) => parts.filter(([part]) => part.startsWith(kind)));
    return {
      accuracy: top1,
      loss,
      ...Object.fromEntries(kinds.map(([part, { right, asked }]) => [`accuracy.${part}`, right / asked])),
    };
  }
}

/** Distances in doublings: 1, 2-3, 4-7, 8-15, … */
export function distanceBucket(distance: number): string {
  const low = 2 ** Math.floor(Math.log2(distance));
  return low === 1 ? "1" : `${low}-${2 * low - 1}`;
}

function numberIn(part: string): number {
  return Number(/\d+/.exec(part)![0]);
}
